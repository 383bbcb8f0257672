"""The settings of the project, in the environment called test."""

import atexit
import os
import shutil
import tempfile

os.environ["ENVIRONMENT"] = "test"
os.environ.setdefault("DEBUG", "0")
os.environ.setdefault("API_PERSON_LIMIT", "0")
os.environ.setdefault("API_ADDRESS_LIMIT", "0")
if "GASSTOCK_TEST_DIR" not in os.environ:  # pytest-xdist's workers share the folder of their parent
    os.environ["GASSTOCK_TEST_DIR"] = tempfile.mkdtemp(prefix="gasstock-tests-")
    atexit.register(shutil.rmtree, os.environ["GASSTOCK_TEST_DIR"], ignore_errors=True)
if os.environ.get("REDIS_URL") and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    os.environ["REDIS_URL"] += f"?db={worker.removeprefix('gw')}"
os.environ["DATA_DIR"] = os.environ["GASSTOCK_TEST_DIR"]

from gasstock.settings import *  # noqa: F403

STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405
MFA_TOTP_TOLERANCE = 1  # the half minute of a code may end while a test uses it
