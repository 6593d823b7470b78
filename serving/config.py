"""Settings of the server."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from components.config import Section

Origin = Annotated[str, StringConstraints(pattern=r"^(\*|https?://[^\s/]+)$", max_length=300)]

_TLS = "TLS is on where certificate and key are given."


class ServingConfig(Section):
    """How the live model is served over HTTP."""

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(
        8501, ge=0, le=65535, description="Port to listen on; 0: any free one, which is printed."
    )
    poll_seconds: float = Field(
        1.0, ge=0.05, le=3600, description="Seconds between two looks for a new live version."
    )
    batch_window_ms: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="Milliseconds that a request waits for others to share its batch; 0: a batch "
        "is what has arrived while the model was busy.",
    )
    max_batch_rows: int = Field(
        256, ge=1, le=65536, description="Rows (users, movies or histories) of one batch."
    )
    model_threads: int = Field(
        1, ge=1, le=64, description="Batches that the model works on at the same time."
    )
    queue_rows: int = Field(
        4096, ge=1, le=1_000_000, description="Rows that may wait; beyond them the answer is 503."
    )
    request_timeout_seconds: float = Field(
        5.0, gt=0, le=600, description="Seconds for the body of a request, and for its answer."
    )
    max_requests: int = Field(
        1024, ge=1, le=100_000, description="Requests under way; beyond them the answer is 503."
    )
    max_body_bytes: int = Field(
        1 << 22, ge=1024, le=1 << 30, description="Bytes of the body of one request."
    )
    max_bodies_bytes: int = Field(
        1 << 26, ge=1024, le=1 << 36, description="Bytes of the bodies of all requests under way."
    )
    max_instances: int = Field(
        1024, ge=1, le=65536, description="Users, movies or histories of one request."
    )
    max_list_length: int = Field(
        1000, ge=1, le=100_000, description="Movies of one history or one list of exclusions."
    )
    max_id_bytes: int = Field(512, ge=1, le=65536, description="UTF-8 bytes of one id.")
    graceful_seconds: float = Field(
        30.0, gt=0, le=3600, description="Seconds that accepted requests have after SIGTERM."
    )
    drain_seconds: float = Field(
        0.0,
        ge=0,
        le=600,
        description="Seconds between SIGTERM and the end of accepting, with /readyz at 503.",
    )
    token_file: str = Field(
        "",
        description="File with the bearer token that requests must carry; empty: the variable "
        "SERVING_TOKEN, and none where that is not set.",
    )
    cors_origins: tuple[Origin, ...] = Field(
        (), description="Origins of pages of others that may call the server; empty: none."
    )
    tls_certificate: str = Field("", description=f"File of the certificate (PEM). {_TLS}")
    tls_key: str = Field("", description=f"File of the private key (PEM). {_TLS}")
    access_log: str = Field(
        "", description="File of the access log, '-' for standard output; empty: the default place."
    )

    @field_validator("tls_key")
    @classmethod
    def _check_pair(cls, value: str, info: object) -> str:
        """Refuses one of certificate and key without the other."""
        certificate = getattr(info, "data", {}).get("tls_certificate", "")
        if bool(value) != bool(certificate):
            raise ValueError("tls_certificate and tls_key belong together: give both or none")
        return value
