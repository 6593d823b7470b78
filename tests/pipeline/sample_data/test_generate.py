import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from components.example_gen.config import DataConfig
from components.example_gen.sources.catalogue import read_movies, read_users
from components.example_gen.sources.data_files import check_data
from pipeline.sample_data import __main__ as command
from pipeline.sample_data import generate as module
from pipeline.sample_data.generate import Sample, SampleSpec, ensure_sample, generate, write_spec
from pipeline.sample_data.titles import CIRCLES

SMALL = SampleSpec(users=60, movies=120, ratings=2_000, seed=3)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate(SampleSpec())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return module.write_spec(tmp_path_factory.mktemp("sample") / "data", SMALL)


def test_generate_gives_what_is_asked_for(sample):
    spec = SampleSpec()
    assert len(sample.user) == len(sample.movie) == len(sample.rating) == spec.ratings
    assert len(np.unique(sample.user)) == spec.users
    assert len(sample.titles) == len(np.unique(sample.movie_ids)) == spec.movies
    # A movie is rated once by a user at most.
    assert len(np.unique(sample.user * spec.movies + sample.movie)) == spec.ratings


def test_generate_activity_has_a_long_tail(sample):
    counts = np.bincount(sample.user)
    assert counts.min() >= module.MIN_RATINGS
    assert counts.max() > 4 * counts.mean()
    assert np.median(counts) < 0.8 * counts.mean()


def test_generate_popularity_has_a_long_tail_and_unrated_movies(sample):
    counts = np.sort(np.bincount(sample.movie, minlength=len(sample.titles)))[::-1]
    assert counts[:100].sum() > 0.25 * counts.sum()  # of equals, a tenth would have a tenth
    assert (counts == 0).sum() >= 50  # 5 % of 1,000 are never rated


def test_generate_ratings_have_movielens_shares_and_follow_taste(sample):
    shares = np.bincount(sample.rating, minlength=6)[1:] / len(sample.rating)
    np.testing.assert_allclose(shares, module.RATING_SHARES, atol=0.001)
    liked = sample.tastes.circle[sample.movie] == sample.tastes.taste[sample.user, 0]
    assert sample.rating[liked].mean() > sample.rating[~liked].mean() + 0.3


def test_generate_titles_are_unique_and_end_with_a_year(sample):
    assert len(set(sample.titles)) == len(sample.titles)
    names = [title.rsplit(" (", 1)[0] for title in sample.titles]
    assert len(set(names)) == len(names)
    years = [int(title[-5:-1]) for title in sample.titles]
    assert min(years) >= 1931
    assert max(years) <= 2019


def test_generate_genres_belong_to_the_circle(sample):
    assert all(
        set(genres.split("|")) <= set(CIRCLES[circle].genres)
        for genres, circle in zip(sample.genres, sample.tastes.circle, strict=True)
    )


def test_generate_users_of_a_circle_resemble_each_other(sample):
    first = sample.tastes.taste[:, 0]
    women = np.array([(sample.genders[first == c] == "F").mean() for c in range(12)])
    # Without a leaning the shares of 12 groups of 167 would deviate by sqrt(.3 * .7 / 167) = .035.
    assert women.std() > 0.07
    assert set(sample.ages) == {str(age) for age in module.AGES}


def test_generate_rates_in_sessions(sample):
    first = np.full(sample.user.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, sample.user, sample.timestamp)
    delay = sample.timestamp - first[sample.user]
    assert 0.3 < (delay < 86_400).mean() < 0.9
    assert delay.max() > 30 * 86_400


def held_out_hits(scores, train, held_out, k=100):
    """Returns the share of held-out interactions among the k best that are not in train."""
    best = np.argpartition(-np.where(train, -np.inf, scores), k, axis=1)[:, :k]
    return np.take_along_axis(held_out, best, axis=1).sum() / held_out.sum()


def test_generate_plants_tastes_that_beat_popularity(sample):
    # Two factors more than circles suffice for a plain SVD of the train matrix to find them.
    rng = np.random.default_rng(0)
    held = rng.random(len(sample.user)) < 0.25
    train, held_out = np.zeros((2, 2_000, 1_000), bool)
    train[sample.user[~held], sample.movie[~held]] = True
    held_out[sample.user[held], sample.movie[held]] = True
    popularity = train.sum(axis=0)
    centred = train / np.sqrt(popularity + 1)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    factors = vectors[:, -14:]
    scores = (centred @ factors) @ factors.T * np.sqrt(popularity + 1)

    model = held_out_hits(scores, train, held_out)
    popular = held_out_hits(np.broadcast_to(popularity, train.shape), train, held_out)

    assert model > 1.5 * popular


def test_generate_is_deterministic():
    first, second = generate(SMALL), generate(SMALL)
    parts = [{**vars(sample), **vars(sample.tastes)} for sample in (first, second)]
    for name in parts[0].keys() - {"tastes"}:
        np.testing.assert_array_equal(parts[0][name], parts[1][name])
    other = generate(dataclasses.replace(SMALL, seed=4))
    assert not np.array_equal(first.movie, other.movie)


def test_generate_serves_users_who_rate_all_they_may():
    # Every user rates half of the movies that can be rated, the most that is possible.
    spec = SampleSpec(users=10, movies=100, ratings=10 * 47, unrated_share=0.05)
    assert spec.max_ratings == 47
    assert np.bincount(generate(spec).user).tolist() == [47] * 10


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"users": 0}, "too few"),
        ({"movies": 30}, "at least 1 user and 40 rated movies"),
        ({"users": 10, "ratings": 100}, "100 ratings do not fit.*200 to 4750 are possible"),
        ({"users": 10, "ratings": 10_000}, "10000 ratings do not fit"),
    ],
)
def test_spec_refuses_what_is_impossible(settings, message):
    with pytest.raises(ValueError, match=message):
        SampleSpec(**settings)


def test_write_spec_is_readable_as_movielens_1m(folder):
    data = check_data(str(folder), DataConfig())
    assert data.layout == "ml-1m"
    movies, dropped = read_movies(data)
    users, _ = read_users(data)
    assert (len(movies), len(users), dict(dropped.dropped)) == (120, 60, {})
    assert all(movie.genres and movie.year for movie in movies)
    assert set(users[0].features) == {"gender", "age", "occupation"}

    rows = [line.split("::") for line in (folder / "ratings.dat").read_text().splitlines()]
    expected = generate(SMALL)
    assert len(rows) == SMALL.ratings
    assert [int(row[0]) for row in rows] == (expected.user + 1).tolist()
    assert [int(row[1]) for row in rows] == expected.movie_ids[expected.movie].tolist()
    assert [int(row[2]) for row in rows] == expected.rating.tolist()
    assert [int(row[3]) for row in rows] == expected.timestamp.tolist()


def test_write_spec_is_in_iso_8859_1():
    # Some words have accents, so that reading tells the encodings apart.
    letters = "".join(word for circle in CIRCLES for word in circle.nouns)
    assert not letters.isascii()
    letters.encode("iso-8859-1")


def test_write_spec_in_chunks_is_the_same(folder, tmp_path, monkeypatch):
    # The size of the chunks decides on the groups of users too, hence only of the writing here.
    sample = generate(SMALL)
    monkeypatch.setattr(module, "_CHUNK", 300)
    module._write_files(tmp_path, sample)
    assert (tmp_path / "ratings.dat").read_bytes() == (folder / "ratings.dat").read_bytes()


def test_write_spec_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    target = tmp_path / "data"
    write_spec(target, SampleSpec(users=10, movies=60, ratings=200))
    before = {path.name: path.read_bytes() for path in target.iterdir()}

    def broken(folder, sample):
        (folder / "ratings.dat").write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(module, "_write_files", broken)
    with pytest.raises(OSError, match="disk full"):
        write_spec(target, SampleSpec(users=20, movies=60, ratings=400))

    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_ensure_sample_writes_once(tmp_path):
    target = tmp_path / "below" / "data"
    assert ensure_sample(target, SMALL) == target
    stamp = (target / "ratings.dat").stat().st_mtime_ns
    ensure_sample(target, SMALL)
    assert (target / "ratings.dat").stat().st_mtime_ns == stamp


@pytest.mark.parametrize("damage", ["another spec", "missing file"])
def test_ensure_sample_writes_again_where_it_must(tmp_path, damage):
    target = ensure_sample(tmp_path / "data", SMALL)
    if damage == "missing file":
        (target / "users.dat").unlink()
        ensure_sample(target, SMALL)
    else:
        ensure_sample(target, dataclasses.replace(SMALL, users=50))
    users = (target / "users.dat").read_text().splitlines()
    assert len(users) == (60 if damage == "missing file" else 50)


def test_main_writes_a_folder(tmp_path, capsys):
    options = [str(tmp_path / "d"), "--users", "30", "--movies", "80", "--ratings", "900"]
    assert command.main(options) == 0
    assert "900 ratings of 30 users, 80 movies" in capsys.readouterr().out
    assert (tmp_path / "d" / "movies.dat").is_file()


def test_main_refuses_impossible_sizes(tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main([str(tmp_path / "d"), "--users", "30", "--ratings", "1"])
    assert "1 ratings do not fit" in capsys.readouterr().err


def test_module_does_not_import_tensorflow():
    code = (
        "import sys; import pipeline.sample_data.generate; "
        "print([m for m in ('tensorflow', 'tfx', 'apache_beam') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
