"""Every setting, with every hostile text and number: through the settings, then through a run."""

from __future__ import annotations

import pytest

from components.errors import ConfigError
from pipeline.config.settings import describe_settings, load_config
from tests.hostile import attempts
from tests.hostile.attempts import Outcome, attempt, check
from tests.hostile.command_lines import Command
from tests.hostile.numbers import NUMBERS
from tests.hostile.place import Place
from tests.hostile.settings import PLACES, assignment, quoted
from tests.hostile.texts import WITH_NUL

KIND = "settings"
OF_YAML = (
    *("empty", "an entity", "a tab", "a NUL", "null", "yes", "a date that is none", "brackets"),
    *("a list in itself", "an alias of nothing", "an object of Python", "a mapping", "a merge key"),
    *("the same key twice", "quotes", "braces", "a star", "half of a character"),
)
VALUES = {
    **{f"text: {name}": quoted(text) for name, text in WITH_NUL.items()},
    **{f"YAML: {name}": WITH_NUL[name] for name in OF_YAML},
    **{f"number: {name}": text for name, text in NUMBERS.items()},
}


def test_settings_are_found() -> None:
    described = {name for name, _, _ in describe_settings()}
    assert described <= set(PLACES)
    assert {"kubeflow.steps.{}.memory_limit", "trainer.hidden_layers.[]"} <= set(PLACES)


def refusal(setting: str, text: str) -> Outcome | None:
    """Returns what came of a setting that the settings refuse; None where they take it."""
    faults: list[str] = []
    try:
        load_config(assignments=[text])
        return None
    except ConfigError as error:
        message = str(error)
        if not message.isprintable() or len(message) > 1000:
            faults.append("not one printable line of bounded length")
        section = setting.split(".")[0]
        if section not in message:
            faults.append(f"does not name {section}")
    except BaseException as error:
        faults, message = [f"raised {type(error).__name__}"], ascii(error)
    attempts.count(KIND, faults)
    return Outcome(2, message, faults)


# What a run looks at before it trains; of the other settings one accepted value is tried.
LOOKED_AT = ("data", "split", "schema", "beam", "notify")


@pytest.mark.parametrize("setting", sorted(PLACES))
def test_setting(place: Place, setting: str) -> None:
    outcomes, accepted = {}, dict[str, str]()
    for name, value in VALUES.items():
        text = assignment(setting, value)
        if outcome := refusal(setting, text):
            outcomes[name] = outcome
        else:
            accepted[name] = text
    section, key = setting.split(".")[:2]
    few = section not in LOOKED_AT and key != "best_from"
    run = Command("local_runner", "", None)
    for name, text in list(accepted.items())[-1:] if few else accepted.items():
        line = [*run.line(place), f"--set={text}"]
        # What concerns a file names the file.
        names = [section, key, "place/data", "/", "://"]
        outcomes[name] = attempt(KIND, place, "local_runner", line, names=names)
    check(outcomes)
