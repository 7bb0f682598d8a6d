"""Every setting, in one place: environment variables (`AUSCULT_…`), a file (`AUSCULT_ENV_FILE`), or flags."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOOPBACK_NAMES = {"localhost"}


class Settings(BaseSettings):
    """How this deployment is set up. Defaults run on one laptop with nothing configured."""

    model_config = SettingsConfigDict(env_prefix="AUSCULT_", extra="ignore")

    data: Path = Field(default_factory=lambda: user_data_path("auscult"))
    """Where records, objects, keys and models live on this machine."""
    host: str = "127.0.0.1"
    port: int = Field(default=8765, ge=0, le=65535)
    public_url: str = ""
    """The address callers use, when it is not `http://host:port` (behind a proxy)."""
    lan: bool = False
    """Serve the local network, encrypted by the clinic's own authority: on `host`, or with that at its default on
    every private address of this machine."""
    trust_port: int = Field(default=8766, ge=0, le=65535)
    """With `lan`: where phones get the authority's certificate, which cannot come over the TLS that needs it."""
    tls: Path | None = None
    """A certificate of your own (PEM, the full chain) with which to serve on `host`; with `tls_key`."""
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies whose X-Forwarded-For and -Proto are believed, e.g. `["127.0.0.1"]`."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call the API, e.g. `["https://recorder.example"]`."""

    records_url: str = ""
    """Address of the records; empty: SQLite in the data folder. `postgresql+asyncpg://…` for many machines."""
    objects_url: str = ""
    """Empty: a folder in the data folder. `s3://bucket` for S3 (with `AUSCULT_S3_ENDPOINT` for compatible servers)."""
    s3_endpoint: str = ""
    s3_region: str = "ap-southeast-2"
    s3_access_key: str = Field(default="", repr=False)
    s3_secret_key: str = Field(default="", repr=False)
    master_key_command: str = ""
    """A command that prints the master key (hex) instead of the key file in the data folder."""
    master_key_kms: str = ""
    """The id, ARN or alias of an AWS KMS key that is the master key, instead of a command or the key file."""
    kms_region: str = "ap-southeast-2"
    kms_endpoint: str = ""
    """Empty: AWS. For servers that speak its protocol."""
    clinic_id: str = ""
    """Set it when several machines serve one clinic; empty: made at first start and kept in the data folder."""
    clinic_name: str = "My clinic"
    owner_name: str = "Clinician"
    worker_id: str = ""
    """Stable name of this worker; empty: kept in the data folder."""
    work: bool = True
    """Whether this process carries out jobs, or only takes requests."""
    worker_concurrency: int = Field(default=2, ge=1, le=64)

    session_hours: float = Field(default=12, gt=0, le=24 * 30)
    """How long somebody stays signed in at most: a long working day."""
    session_idle_minutes: float = Field(default=60, gt=0, le=24 * 60)
    """How long somebody stays signed in who does nothing. A recording that runs is something."""

    care_team: Literal["clinic", "assigned"] = "clinic"
    """Who opens a patient's record: every clinician of the clinic, or only those of the patient's care team."""
    break_glass_minutes: float = Field(default=60, gt=0, le=24 * 60)
    """How long a clinician outside the care team may open a record after giving a reason."""

    oidc_issuer: str = ""
    """The address of an OpenID Connect provider whose accounts the clinic's people may sign in with; empty: none."""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    oidc_name: str = "single sign-on"
    """What the button says."""
    rates: bool = True
    """Whether callers are held to how often they may call (ten a second for a key)."""
    rates_url: str = Field(default="", repr=False)
    """`redis://…` where several processes count together; empty: each for itself."""

    speech: Literal["auto", "whisper", "sphinx"] = "auto"
    whisper_model: str = "auto"
    """Whisper size (`tiny` … `large-v3`), or `auto`: the largest provisioned one."""
    whisper_device: Literal["auto", "cpu", "cuda"] = "auto"
    whisper_compute: str = "auto"
    models: Path | None = None
    """Where downloaded models live; empty: in the data folder."""
    writer: str = "offline"
    """`offline`, `bedrock:MODEL`, `google:MODEL`, `openai:MODEL@http://host:port/v1`, or a list, asked in its order."""
    writer_timeout: float = Field(default=120.0, gt=0)
    """Seconds a writer may take before the result is the transcript alone."""
    writer_request_timeout: float = Field(default=45.0, gt=0)
    """Seconds that one request to a language model may take."""
    writer_prompt: str = "note-2"
    """Which prompt a language model gets; `note-2:90,brief-2:10` gives the recordings out in these shares."""
    writer_budget_tokens: int = Field(default=400_000, gt=0)
    """Tokens that one note may use, over all parts, retries and models; past it the offline writer writes."""
    writer_budget_usd: Decimal | None = Field(default=None, gt=0)
    """US dollars that one note may cost, where a model's price is known; empty: no limit."""
    redact: Literal["off", "cloud", "always"] = "cloud"
    """When known names, phone numbers, e-mail addresses and health numbers are replaced in what a language model gets:
    `cloud` when it is not on this machine."""
    part_seconds: float = Field(default=120.0, ge=20, le=1800)
    """Long audio is recognised in parts of about this length, which several workers can share."""
    delete_audio: str = "after_signing"
    """`after_note`, `after_signing`, or a number of days."""
    max_upload_bytes: int = Field(default=2 * 1024**3, gt=0)
    max_slice_bytes: int = Field(default=16 * 1024**2, gt=0)
    upload_url_seconds: int = Field(default=300, ge=1)
    abandon_after_seconds: int = Field(default=12 * 3600, ge=60)
    """A live recording that nothing came of for so long is closed with what it has: its device is lost."""
    mqtt_url: str = ""
    """The broker devices listen to: `mqtts://host:8883`, or on this machine `mqtt://127.0.0.1:1883`. Empty: none."""
    mqtt_ca: Path | None = None
    """Certificate of the authority that vouches for the broker; empty: those that this machine trusts."""
    mqtt_cert: Path | None = None
    mqtt_key: Path | None = None
    """Our own certificate and its key, for a broker that knows its clients by theirs."""
    mqtt_username: str = ""
    mqtt_password: str = Field(default="", repr=False)
    mqtt_bare_topics: bool = False
    """Topics begin with `patients/` and `queue/` instead of `clinics/{clinic_id}/`: one clinic has the broker alone."""
    mqtt_names: bool = False
    """Whether a patient's name travels in `registered`."""
    mqtt_embedded: bool = False
    """Run a broker in this process, on loopback only (`auscult up --mqtt`)."""
    mqtt_port: int = Field(default=1883, ge=1, le=65535)
    """Port of the embedded broker."""
    log_level: str = "info"
    metrics_token: str = Field(default="", repr=False)
    """With it as a bearer token, `/metrics` may be read from other machines; empty: from this one only."""

    @field_validator("trusted_proxies")
    @classmethod
    def _known_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if ip_network(one).prefixlen == 0:
                raise ValueError("that trusts everybody: name the proxies' own addresses")
        return value

    @field_validator("delete_audio")
    @classmethod
    def _known_retention(cls, value: str) -> str:
        if value in {"after_note", "after_signing"} or (value.isdigit() and int(value) > 0):
            return value
        raise ValueError("use after_note, after_signing, or a number of days")

    @property
    def models_folder(self) -> Path:
        """Where downloaded models live."""
        return self.models or self.data / "models"

    @property
    def encrypts(self) -> bool:
        """True when what is served beyond this machine is served over TLS."""
        return self.lan or self.tls is not None

    @property
    def loopback_only(self) -> bool:
        """True when nobody outside this machine can reach the server."""
        if self.host in _LOOPBACK_NAMES:
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
