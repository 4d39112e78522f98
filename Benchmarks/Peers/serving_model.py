"""The peers' services: ALS of implicit on a folder's interactions, behind Flask and behind FastAPI.

`gunicorn 'serving_model:flask_service()'` and `uvicorn --factory serving_model:fastapi_service` start them; DATA is the
folder.
"""

import csv
import os
import pathlib
import uuid

import implicit
import numpy
import scipy.sparse


class Model:
    """64 factors, 15 iterations; a user's items are not recommended to him."""

    def __init__(self, folder):
        users, items = [], []
        for file in sorted(pathlib.Path(folder).glob("Interactions/*.csv")):
            with file.open(newline="") as rows:
                for row in csv.DictReader(rows):
                    users.append(row["USER_ID"])
                    items.append(row["ITEM_ID"])
        self.user_rows = {user: row for row, user in enumerate(sorted(set(users)))}
        self.items = sorted(set(items))
        columns = {item: column for column, item in enumerate(self.items)}
        pairs = ([self.user_rows[user] for user in users], [columns[item] for item in items])
        shape = (len(self.user_rows), len(self.items))
        self.met = scipy.sparse.csr_matrix((numpy.ones(len(users), "f4"), pairs), shape=shape)
        self.als = implicit.als.AlternatingLeastSquares(factors=64, iterations=15, num_threads=1, random_state=42)
        self.als.fit(self.met, show_progress=False)

    def answer(self, request):
        row = self.user_rows[request["userId"]]
        items, scores = self.als.recommend(row, self.met[row], N=request.get("numResults", 25))
        pairs = zip(items.tolist(), scores.tolist())
        ranked = [{"itemId": self.items[item], "score": score} for item, score in pairs]
        return {"itemList": ranked, "recommendationId": f"RID-{uuid.uuid4()}"}


def flask_service():
    import flask

    model = Model(os.environ["DATA"])
    service = flask.Flask(__name__)
    service.post("/recommendations")(lambda: model.answer(flask.request.get_json()))
    return service


def fastapi_service():
    import fastapi

    model = Model(os.environ["DATA"])
    service = fastapi.FastAPI()

    @service.post("/recommendations")
    async def recommendations(request: fastapi.Request):
        return model.answer(await request.json())

    return service
