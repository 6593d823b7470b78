import pytest
from pydantic import ValidationError

from components.contracts.examples import USER_FEATURES
from components.example_gen.config import AUTO, DataConfig
from components.example_gen.formats.column_roles import USER_ROLES
from components.example_gen.layouts import known


def test_setting_accepts_the_names_of_all_layouts_and_auto():
    for name in (AUTO, "ml-100k", "ml-1m", "ml-10m", "ml-csv", "csv", "json", "parquet"):
        assert DataConfig(layout=name).layout == name
    accepted = ", ".join(
        f"'{name}'" for name in (AUTO, *known.BY_NAME, *known.OTHER_LAYOUTS)
    ).replace(", 'parquet'", " or 'parquet'")
    with pytest.raises(ValidationError, match=f"Input should be {accepted}"):
        DataConfig(layout="ml-2m")


def test_every_layout_has_a_name_of_its_own():
    assert len(known.BY_NAME) == len(known.LAYOUTS)


def test_tables_may_have_every_user_feature():
    assert set(USER_FEATURES) <= set(USER_ROLES)


def test_later_layouts_of_a_rating_file_are_reached():
    # The last one that reads a rating file takes whatever the earlier ones do not recognise.
    last = {layout.ratings.name: layout for layout in known.LAYOUTS}
    for ratings, layout in last.items():
        assert layout.recognises({ratings})
