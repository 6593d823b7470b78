"""The project as an ordinary package: `pip install .`, with extras for what not everyone needs.

The ranges admit both stacks (TFX 1.16 on Python 3.10; TFX 1.21 on Python 3.11 to 3.13). Exact
versions are in requirements/, and `make venv` installs those.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

INSTALL_REQUIRES = [
    "tfx>=1.16,<1.22",
    "tensorflow>=2.16,<2.22",
    "tf-keras>=2.16,<2.22",
    "tensorflow-recommenders>=0.7.6,<0.8",
    "apache-beam>=2.60,<3",
    "dill",  # tfx-bsl imports it; Apache Beam no longer brings it
    "protobuf>=3.20.3,<7",
    "pyarrow>=10",
    "pandas>=1.5,<3",
    "numpy>=1.26,<3",
    "scipy>=1.12",
    "pydantic>=2,<3",
    "PyYAML>=6",
    "filelock>=3.12",
    "requests>=2.31",
    "jinja2>=3.1",
    "matplotlib>=3.8",
    "rich>=13",
]

EXTRAS_REQUIRE = {
    "kfp": ["kfp>=2.5,<3", "kfp-kubernetes>=1.0", "kubernetes>=26"],
    "serving": [
        "fastapi>=0.115",
        "uvicorn>=0.30",
        "httptools>=0.6",
        "uvloop>=0.20",
        "orjson>=3.9",
        "jinja2>=3.1",
        "prometheus-client>=0.20",
        "tensorflow-serving-api>=2.16,<2.22",
        "grpcio>=1.60",
    ],
    "tuning": ["keras-tuner>=1.4,<2"],
    "schedule": ["croniter>=2"],
    "bench": ["implicit>=0.7.2"],
    "dev": [
        "pytest>=8",
        "hypothesis>=6",
        "httpx>=0.27",
        "websockets>=12",
        "pytest-xdist>=3.5",
        "pytest-cov>=7",
        "ruff>=0.9",
        "mypy>=1.11",
        "import-linter>=2.6",
        "jupytext>=1.16",
        "nbclient>=0.8",
        "ipykernel>=6",
        "types-PyYAML",
    ],
}

DATA_ENDINGS = ["css", "html", "j2", "js", "json", "pbtxt", "svg", "yaml"]


def read_version() -> str:
    """Returns the version from components/version.py without importing it."""
    text = (HERE / "components" / "version.py").read_text(encoding="utf-8")
    match = re.search(r'^VERSION = "([^"]+)"$', text, re.MULTILINE)
    if match is None:
        raise RuntimeError('components/version.py: no line VERSION = "…"')
    return match[1]


def read_long_description() -> str:
    """Returns the README, where there is one."""
    readme = HERE / "README.md"
    return readme.read_text(encoding="utf-8") if readme.exists() else ""


setup(
    name="two-tower-pipeline",
    version=read_version(),
    description="A TFX pipeline that turns ratings into a served two-tower retrieval model",
    long_description=read_long_description(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    packages=find_packages(include=["pipeline*", "serving*", "components*", "schemas*"]),
    py_modules=sorted(path.stem for path in HERE.glob("*_runner.py")),
    package_data={"": [f"**/*.{ending}" for ending in DATA_ENDINGS]},
    python_requires=">=3.10,<3.14",
    install_requires=INSTALL_REQUIRES,
    extras_require=EXTRAS_REQUIRE,
    zip_safe=False,
)
