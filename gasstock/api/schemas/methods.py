from gasstock.accounts.models import Station
from gasstock.billing.models import Method
from gasstock.orders.errors import MethodNotTaken

MOBILE = {"MOMO": "Mobile money", "MPESA": "M-Pesa"}  # nobody takes them here yet


def method_of(station: Station, word: str) -> Method:
    """Read how it is paid. Raises MethodNotTaken for what nobody collects here."""
    if word in MOBILE:
        raise MethodNotTaken(str(station), MOBILE[word])
    return Method(word.lower())
