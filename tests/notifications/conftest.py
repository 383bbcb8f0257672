import pytest

from gasstock.env import Sms


@pytest.fixture
def simulator(settings, tmp_path):
    """SMS go into files of this folder."""
    settings.SMS = Sms(folder=str(tmp_path / "sms"), sender="GASSTOCK")
    return tmp_path / "sms"
