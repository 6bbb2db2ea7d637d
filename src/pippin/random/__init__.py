"""Keras's `random`, and the seeds from which every random number of a run begins."""

from __future__ import annotations

from pippin.lazy import lazily

_FAMILIES = {
    "arrays": "draw_normal draw_truncated_normal draw_uniform",
    "distributions": "beta binomial categorical dropout gamma normal randint shuffle truncated_normal uniform",
    "seeds": "SEED_LIMIT SeedGenerator draw_seed make_seed random_state restore_random_state set_random_seed "
    "start_streams",
}
_HOMES = {word: f"pippin.random.{family}" for family, words in _FAMILIES.items() for word in words.split()}

__getattr__, __dir__ = lazily(__name__, _HOMES)
