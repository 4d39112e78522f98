"""Learns ratings by the SVD of scikit-surprise, under SageMaker's contract of training."""

import csv
import os
import pathlib
import sys
import tempfile
import traceback

from surprise import SVD, Dataset, Reader, accuracy, dump
from surprise.model_selection import GridSearchCV, train_test_split

GRID = {"n_epochs": [10, 20], "lr_all": [0.002, 0.005], "reg_all": [0.02, 0.4]}
SEED = 1


def setting(name):
    return os.environ[f"SM_HP_{name.upper()}"]


def ratings(folder):
    """The rated events of the channel as the library wants them: user, item, rating, and nothing else."""
    with open(folder / "interactions.csv", encoding="utf-8", newline="") as file:
        rows = [(row["USER_ID"], row["ITEM_ID"], float(row["EVENT_VALUE"])) for row in csv.DictReader(file)
                if row["EVENT_VALUE"]]
    if not rows:
        raise ValueError("no interaction has an EVENT_VALUE, which is the rating")
    values = [rating for _, _, rating in rows]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".tsv") as table:
        table.writelines(f"{user}\t{item}\t{rating}\n" for user, item, rating in rows)
        table.flush()
        reader = Reader(line_format="user item rating", sep="\t", rating_scale=(min(values), max(values)))
        return Dataset.load_from_file(table.name, reader)


def main():
    data = ratings(pathlib.Path(os.environ["SM_CHANNEL_TRAIN"]))
    settings = {
        "n_factors": int(setting("n_factors")), "n_epochs": int(setting("n_epochs")),
        "lr_all": float(setting("lr_all")), "reg_all": float(setting("reg_all")),
    }
    if setting("search") == "true":
        search = GridSearchCV(SVD, GRID, measures=["rmse", "mae"], cv=3)
        search.fit(data)
        settings.update(search.best_params["rmse"])
        print("the grid's best:", search.best_params["rmse"])
    known, withheld = train_test_split(data, test_size=0.1, random_state=SEED)
    measured = SVD(**settings, random_state=SEED).fit(known).test(withheld)
    print(f"rmse {accuracy.rmse(measured, verbose=False):.6f}")
    print(f"mae {accuracy.mae(measured, verbose=False):.6f}")
    model = SVD(**settings, random_state=SEED).fit(data.build_full_trainset())
    dump.dump(str(pathlib.Path(os.environ["SM_MODEL_DIR"]) / "model.joblib"), algo=model)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        (pathlib.Path(os.environ["SM_OUTPUT_DIR"]) / "failure").write_text(str(error), encoding="utf-8")
        traceback.print_exc()
        sys.exit(1)
