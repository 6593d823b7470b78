"""TLS and proxies that do not work, against servers of our own."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.datasets.download import Part, Source, download
from pipeline.datasets.failures import TransferError
from tests.pipeline.datasets.zip_server import ZipServer, listening, serving


def _write_certificate(path: Path, days: int) -> None:
    """Writes key and certificate of 127.0.0.1, which ends `days` from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(end - datetime.timedelta(days=10))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))


@contextmanager
def _serving_tls(server: ZipServer, certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with listening(server.answer, context) as port:
        yield f"https://127.0.0.1:{port}"


@pytest.fixture
def part(tmp_path: Path) -> Part:
    return Part(tmp_path / "part")


def _download(url: str, part: Part) -> None:
    download(Source(url), part, lambda *_: None, pytest.fail)  # a second try would be in vain


@pytest.mark.parametrize(("days", "why"), [(5, "self.signed"), (-1, "expired")])
def test_certificate_that_is_not_valid_is_named(
    tmp_path: Path, part: Part, monkeypatch: pytest.MonkeyPatch, days: int, why: str
) -> None:
    _write_certificate(tmp_path / "pem", days)
    if why == "expired":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "pem"))
    with (
        _serving_tls(ZipServer(b"x"), tmp_path / "pem") as url,
        pytest.raises(TransferError, match=f"{url}: its certificate is not valid: .*{why}"),
    ):
        _download(url, part)


def test_certificate_of_the_company_is_taken_from_the_variable(
    tmp_path: Path, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_certificate(tmp_path / "pem", 5)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "pem"))
    with _serving_tls(ZipServer(b"x"), tmp_path / "pem") as url:
        _download(url, part)
    assert part.path.read_bytes() == b"x"


def test_file_of_certificates_that_does_not_exist_is_named(
    part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file.pem")
    with pytest.raises(TransferError, match=r"https://127\.0\.0\.1:9/x: .*/no/such/file\.pem"):
        _download("https://127.0.0.1:9/x", part)


def test_redirect_from_https_to_http_is_refused(
    tmp_path: Path, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_certificate(tmp_path / "pem", 5)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "pem"))
    with (
        serving(ZipServer(b"x")) as plain,
        _serving_tls(ZipServer(b"", redirect=plain.url), tmp_path / "pem") as url,
        pytest.raises(TransferError, match="a redirect leads from https to http"),
    ):
        _download(url, part)
    assert not part.path.exists()


def _answer_nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"this is not HTTP\r\n\r\n")


def test_answer_that_is_not_http_is_one_line(part: Part) -> None:
    with listening(_answer_nonsense) as port, pytest.raises(TransferError) as caught:
        download(Source(f"http://127.0.0.1:{port}/"), part, lambda *_: None, lambda _: None)
    assert "the connection broke off (tried 3 times)" in str(caught.value)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://someone:secret@127.0.0.1:9", "the proxy was not reached: Connection refused"),
        ("http://", "the address of the proxy is not valid"),
    ],
)
def test_proxy_that_does_not_work_is_named_without_its_password(
    part: Part, monkeypatch: pytest.MonkeyPatch, address: str, told: str
) -> None:
    monkeypatch.setenv("http_proxy", address)
    with pytest.raises(TransferError, match=told) as caught:
        download(Source("http://files.invalid/x"), part, lambda *_: None, lambda _: None)
    assert "secret" not in str(caught.value)
