# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From your own file to recommendations
#
# You have a file of interactions: who rated, watched, bought or clicked what. This notebook takes
# it to a served model in six steps: look at the file, run the pipeline, read the figures, ask the
# model for one user, find similar movies, and change one setting.
#
# Open it in Jupyter or in an editor that runs notebooks, with the Python of `.venv`. Each step is a
# command that you can type into a terminal as well.

# %%
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path.cwd() if Path("local_runner.py").exists() else Path.cwd().parent
sys.path.insert(0, str(ROOT))


def pipeline(*arguments):
    """Runs local_runner.py as a terminal would, and shows what it prints."""
    command = [sys.executable, "local_runner.py", "--output-root", str(OUTPUT), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    print(done.stdout + done.stderr)
    return done.returncode


# %% [markdown]
# ## Your file
#
# Put the path of your file here. Until you do, the cell below writes one: invented people, invented
# books, columns called as a shop might call them, packed by gzip. Nobody has to rename anything.

# %% tags=["parameters"]
MY_FILE = ""  # for example "/home/me/ratings.csv"
MY_TITLES = ""  # a file with ids and titles, if you have one
OUTPUT = ROOT / "runs" / "from_your_file"
PEOPLE, BOOKS, RATINGS = 1_500, 800, 90_000
EPOCHS = 20

# %%
if not MY_FILE:
    import pandas as pd

    from pipeline.sample_data.generate import SampleSpec, ensure_sample

    folder = OUTPUT / "your_data"
    folder.mkdir(parents=True, exist_ok=True)
    ensure_sample(folder / "sample", SampleSpec(users=PEOPLE, movies=BOOKS, ratings=RATINGS))
    names = ["customer_id", "isbn", "stars", "reviewed_at"]
    rows = pd.read_csv(folder / "sample/ratings.dat", sep="::", engine="python", names=names)
    rows["reviewed_at"] = pd.to_datetime(rows["reviewed_at"], unit="s").dt.strftime(
        "%d.%m.%Y %H:%M"
    )
    rows.to_csv(folder / "reviews.csv.gz", sep=";", index=False)
    titles = pd.read_csv(
        folder / "sample/movies.dat",
        sep="::",
        engine="python",
        names=["isbn", "title", "genre"],
        encoding="latin-1",
    )
    titles.to_csv(folder / "books.csv", index=False)
    MY_FILE, MY_TITLES = str(folder / "reviews.csv.gz"), str(folder / "books.csv")
DATA = ["--ratings", MY_FILE, *(["--movies", MY_TITLES] if MY_TITLES else [])]

# %% [markdown]
# ## 1. Look before you run
#
# `inspect` says what a run would read: which column is taken for what and why, the first rows as they
# are read, scale, times, and what would be left out. It takes a second or two.

# %%
assert pipeline("inspect", *DATA) == 0

# %% [markdown]
# If something was understood wrongly, put the right values from the last lines into a file for
# `--config`, or give one with `--set`, as in `--set 'data.columns={user: customer_id}'`.
# [docs/data.md](../docs/data.md#find-your-shape) lists the shapes and the settings.
#
# ## 2. Run
#
# One command: it checks the data, trains, measures the exported model against a list of popular
# titles, and pushes it if it is better. Exit code 0 says that a model is live, 3 that the gate refused
# it. Twenty passes are enough for a first look; leave the setting out for the real thing.

# %%
code = pipeline(*DATA, "--set", f"trainer.epochs={EPOCHS}")
assert code == 0, "the run did not push a model: its last lines say why"

# %% [markdown]
# ## 3. The figures
#
# `last_run.json` holds every figure of the run, and `report/` one page that explains them. Top-10
# accuracy is the share of the held-out interactions whose item is among the ten that the model
# recommends; *unseen*: what a person has rated before is left out of the list first, as in the lists
# that are served.

# %%
record = json.loads((OUTPUT / "last_run.json").read_text())
figures = record["metrics"]["model"]
for k in (10, 100):
    ours = figures[f"unseen_top_{k}_accuracy"]
    popular = figures[f"unseen_popularity_top_{k}_accuracy"]
    print(f"top {k}: {ours:.1%} of what was held out; the most popular titles have {popular:.1%}")
print("report:", record["report"])

# %% [markdown]
# ## 4. Ask the model
#
# A served model is a folder that TensorFlow alone can read. Ids are those of your file.

# %%
import tensorflow as tf

model = tf.saved_model.load(record["pushed"]["path"])


def show(answer, count=5):
    for title, score in zip(answer["title"].numpy()[0], answer["score"].numpy()[0][:count]):
        print(f"  {score:6.2f}  {title.decode()}")


person = "42"
answer = model.signatures["serving_default"](user_id=tf.constant([person]))
print(f"For {person} (known: {bool(answer['known'].numpy()[0])}):")
show(answer)
stranger = model.signatures["serving_default"](user_id=tf.constant(["nobody"]))
print(f"For somebody new (known: {bool(stranger['known'].numpy()[0])}), what is popular:")
show(stranger)

# %% [markdown]
# ## 5. Similar titles
#
# The same vectors say what is near a title, and what fits to a few titles that somebody new likes.

# %%
liked = answer["movie_id"].numpy()[0][0]
print("Near", answer["title"].numpy()[0][0].decode())
show(model.signatures["similar_movies"](movie_id=tf.constant([liked])))
print("For somebody who likes it:")
show(model.signatures["recommend_from_history"](movie_id=tf.constant([[liked]])))

# %% [markdown]
# ## 6. Change one setting
#
# So far every review was a positive, whatever its stars. Here only four stars and more are. The new
# model is compared with popularity and with the model that is live, on its own held-out reviews; it
# is pushed if it passes. What did not change is taken from the cache.

# %%
code = pipeline(
    *DATA, "--set", f"trainer.epochs={EPOCHS}", "--set", "data.positive={min_rating: 4}"
)
second = json.loads((OUTPUT / "last_run.json").read_text())
print("exit code", code, "-", second["reason"])
print("left out:", second["data"]["dropped"])

# %% [markdown]
# ## From here
#
# - `.venv/bin/python local_runner.py models` lists what was pushed; `rollback` takes a version back.
# - `--schedule '0 3 * * *'` trains again every night where there is something new:
#   [docs/operations.md](../docs/operations.md).
# - The same pipeline runs on Kubeflow: [docs/kubeflow.md](../docs/kubeflow.md).
