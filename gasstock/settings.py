"""Every setting, read once from the environment. `.env.example` lists the variables."""

from hashlib import sha256
from pathlib import Path

from csp.constants import NONE, SELF
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from huey.serializer import SignedSerializer

from gasstock import env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What kind of place this is -------------------------------------------------------------

ENVIRONMENT = env.choice("ENVIRONMENT", "development", ("development", "production", "test"))
PRODUCTION = ENVIRONMENT == "production"
TEST = ENVIRONMENT == "test"
DEMO = env.flag("GASSTOCK_DEMO")
DEBUG = env.flag("DEBUG", default=ENVIRONMENT == "development")
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var")

SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")

if PRODUCTION:
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("change-me"):
        raise ImproperlyConfigured("SECRET_KEY must be your own secret of 50 characters or more.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production.")
    if DEMO:
        raise ImproperlyConfigured("GASSTOCK_DEMO must be off in production.")
    if not ALLOWED_HOSTS or any("*" in host for host in ALLOWED_HOSTS):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts you serve, without *.")
elif not SECRET_KEY:
    SECRET_KEY = env.kept_secret(DATA_DIR / "secret-key")

SITE_URL = env.text(
    "SITE_URL",
    f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
    if PRODUCTION
    else f"http://localhost:{env.number('PORT', 8000)}",
).rstrip("/")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)

# --- The business ---------------------------------------------------------------------------

CURRENCY = env.text("CURRENCY", "RWF")
COUNTRY = env.text("COUNTRY", "RW")
ORDER_EXPIRY_HOURS = env.number("ORDER_EXPIRY_HOURS", 2, minimum=1)
INVOICE_DUE_DAYS = env.number("INVOICE_DUE_DAYS", 14)
REQUIRE_ADMIN_MFA = env.flag("REQUIRE_ADMIN_MFA", default=PRODUCTION)
PHONENUMBER_DEFAULT_REGION = COUNTRY

# --- The parts ------------------------------------------------------------------------------

ROOT_URLCONF = "gasstock.urls"
WSGI_APPLICATION = "gasstock.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "template_partials",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_tables2",
    "phonenumber_field",
    "huey.contrib.djhuey",
    "gasstock.core",
    "gasstock.audit",
    "gasstock.notifications",
    "gasstock.accounts",
    "gasstock.catalog",
    "gasstock.inventory",
    "gasstock.billing",
    "gasstock.orders",
    "gasstock.purchasing",
    "gasstock.delivery",
    "gasstock.reports",
    "gasstock.demo",
    "gasstock.api",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
]
# What `verify_ledger` asks: each names what differs in its part of the books.
BOOKS = [
    "gasstock.inventory.services.verify.differences",
    "gasstock.orders.services.verify.differences",
    "gasstock.billing.services.verify.differences",
    "gasstock.purchasing.services.verify.differences",
    "gasstock.delivery.services.verify.differences",
    "gasstock.reports.verify.differences",
]
# The currency stays once one of these is written: amounts are in it, here or in what hangs on it.
IN_CURRENCY = ["catalog.Variant", "orders.DeliveryArea", "billing.Shift"]
# What apps above do when a station is approved or something happens to an order, at once with it.
STATION_FOLLOWERS = ["gasstock.orders.services.areas.open_windows"]
ORDER_FOLLOWERS = [
    "gasstock.delivery.services.following.follow_order",
    "gasstock.reports.rollups.follow_order",
]
MIDDLEWARE = [
    "gasstock.core.middleware.RequestIdMiddleware",
    "gasstock.core.middleware.OriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "gasstock.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gasstock.accounts.middleware.SignInMiddleware",
    "gasstock.accounts.middleware.SecondFactorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gasstock.core.middleware.PrivatePagesMiddleware",
    "gasstock.core.middleware.WrongMethodMiddleware",
    "gasstock.core.middleware.HtmxResponseMiddleware",
    "gasstock.core.middleware.DomainErrorMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,  # template_partials puts its cached loaders in the place of this
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gasstock.accounts.context_processors.shell",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "django_tables2/bootstrap5-responsive.html"
DJANGO_TABLES2_TABLE_ATTRS = {"class": "table table-vcenter card-table"}

# --- Where things are kept ------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "gasstock.sqlite3")}
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")

REDIS_URL = env.text("REDIS_URL")
HUEY = {
    "name": "gasstock",
    "immediate": False,
    "results": False,
    "consumer": {"workers": 2, "worker_type": "thread", "graceful_signal": "TERM"},
}
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "gasstock",
            "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        }
    }
    HUEY |= {
        "huey_class": "huey.PriorityRedisExpireHuey",
        "url": REDIS_URL,
        "serializer": SignedSerializer(secret=SECRET_KEY),
    }
else:
    # Limits on sign-in are counted in the cache, so all workers must share it.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
            "OPTIONS": {"MAX_ENTRIES": 50_000},
        }
    }
    HUEY |= {"huey_class": "huey.SqliteHuey", "filename": str(DATA_DIR / "queue.sqlite3")}

# --- Static files ---------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TEST
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    *("jpg", "jpeg", "png", "gif", "webp", "avif", "ico", "woff", "woff2"),
    *("zip", "gz", "br", "map"),
)

# --- People and sign-in ---------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["gasstock.accounts.backends.FramedUserBackend"]
PASSWORD_VALIDATION = "django.contrib.auth.password_validation"  # noqa: S105
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{PASSWORD_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": f"{PASSWORD_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{PASSWORD_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{PASSWORD_VALIDATION}.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "people:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
ACCOUNT_ADAPTER = "gasstock.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "gasstock.accounts.forms.LoginForm",
    "signup": "gasstock.accounts.forms.SignupForm",
    "add_email": "gasstock.accounts.forms.AddEmailForm",
    "change_password": "gasstock.accounts.forms.ChangePasswordForm",
    "reset_password": "gasstock.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "gasstock.accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "gasstock.accounts.forms.ReauthenticateForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if PRODUCTION else "optional"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_CHANGE_EMAIL = True  # one address; the new one counts once it is confirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # a borrowed phone must not change the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this session stays, all others end
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/h/ip,10/h/key",
    "signup": "20/h/ip",
    "reset_password": "20/h/ip,5/h/key",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "gasstock.accounts.forms.AddKeyForm"}
MFA_TOTP_ISSUER = "GasStock"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# A session is listed from its sign-in on; following its every request would be a write a page.
USERSESSIONS_TRACK_ACTIVITY = False

# --- The API --------------------------------------------------------------------------------

# Requests a minute for one person, and for one address, over all processes; 0 is no limit.
API_PERSON_LIMIT = env.number("API_PERSON_LIMIT", 600)
API_ADDRESS_LIMIT = env.number("API_ADDRESS_LIMIT", 3000)
NINJA_NUM_PROXIES = TRUSTED_PROXY_COUNT

HEADLESS_CLIENTS = ("app",)  # browsers have the pages
HEADLESS_TOKEN_STRATEGY = "gasstock.api.tokens.SingleUseTokens"  # noqa: S105
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_PRIVATE_KEY = sha256(f"api tokens {SECRET_KEY}".encode()).hexdigest()
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 15 * 60
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = SESSION_COOKIE_AGE = 14 * 24 * 3600
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True  # a token dies with its session, at once

# --- Language and time ----------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "Africa/Kigali")
LANGUAGE_CODE = "en"
LANG_INFO.setdefault(
    "rw", {"bidi": False, "code": "rw", "name": "Kinyarwanda", "name_local": "Ikinyarwanda"}
)
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("rw", _("Kinyarwanda")),
    ("sw", _("Swahili")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Mail and SMS ---------------------------------------------------------------------------

MAIL = env.mail("EMAIL_URL", "" if PRODUCTION else "file:")
EMAIL_BACKEND = MAIL.backend
EMAIL_FILE_PATH = MAIL.folder or str(DATA_DIR / "mail")
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.ssl, MAIL.tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "GasStock <gasstock@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
SMS = env.sms("SMS_URL", "" if PRODUCTION or TEST else "simulator:", DATA_DIR / "sms")
SMS_TOKEN = env.token("SMS_TOKEN")  # a part of the addresses that the provider calls

# --- Safety ---------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}
PERMISSIONS_POLICY = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "microphone=(), midi=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if PRODUCTION:
    SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # framing is forbidden by the frame-ancestors of the policy above
    "auth.W004",  # e-mail addresses are unique whatever their case, by a constraint
]

COOKIE_PREFIX = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
CSRF_FAILURE_VIEW = "gasstock.core.views.csrf_failure"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Logs: one line a record, with the id of its request ------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "gasstock.core.logs.RequestIdFilter"}},
    "formatters": {"line": {"()": "gasstock.core.logs.LineFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "line",
        }
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # It tells of every task that ran each minute; and without a handler it would add its own.
        "huey": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}

# --- Tests ----------------------------------------------------------------------------------

if TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    HUEY = {"huey_class": "huey.MemoryHuey", "name": "gasstock", "immediate": True}
    # A file, because tests of races need connections of their own; unsafe, because it is fast.
    if SQLITE:
        DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
        DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    if not REDIS_URL:
        CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
