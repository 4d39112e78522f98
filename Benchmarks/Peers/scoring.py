"""The measures by which the answers of both sides are judged."""

import math
import statistics

LENGTH = 25


def discounted(hits):
    return sum(1 / math.log(1 + rank) for rank, hit in enumerate(hits, 1) if hit)


def gain(recommended, relevant, cutoff):
    """The discounted cumulative gain over the ideal one."""
    hits = [item in relevant for item in recommended[:cutoff]]
    return discounted(hits) / discounted([True] * min(cutoff, len(relevant)))


def quality(lists, relevant, known_items):
    """NDCG at 10 and 25, means over the test users, and the share of the catalogue in the lists."""
    pairs = [(items, set(right)) for items, right in zip(lists, relevant, strict=True)]
    distinct = {item for items in lists for item in items[:LENGTH]}
    return {
        "ndcg_at_10": statistics.fmean(gain(items, right, 10) for items, right in pairs),
        "ndcg_at_25": statistics.fmean(gain(items, right, 25) for items, right in pairs),
        "coverage": len(distinct) / known_items,
    }


def strong(lists, relevant):
    """Those of the papers on strong generalisation, means over the test users."""
    pairs = [(items, set(right)) for items, right in zip(lists, relevant, strict=True)]
    figures = {"ndcg_at_100": statistics.fmean(gain(items, right, 100) for items, right in pairs)}
    for cutoff in (20, 50):
        shares = (len(right.intersection(items[:cutoff])) / min(cutoff, len(right)) for items, right in pairs)
        figures[f"recall_at_{cutoff}"] = statistics.fmean(shares)
    return figures


def deviation(predictions, ratings):
    """The root of the mean square error (RMSE)."""
    return math.sqrt(statistics.fmean((one - other) ** 2 for one, other in zip(predictions, ratings, strict=True)))


def recall(found, truth):
    """The share of the nearest that were found."""
    return sum(len(set(mine) & set(all_)) for mine, all_ in zip(found, truth, strict=True)) / sum(map(len, truth))
