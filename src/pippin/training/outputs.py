"""What `compile` and `fit` were told about a model's outputs, found for each: losses and weights, metrics, labels.

Outputs may be one tensor, a list, a dict by name, or these inside each other. What is told follows them: one thing for
all, one for each in order, or by the names of outputs; a loss may also be of several outputs together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pippin.errors import SettingError, UnknownOutput
from pippin.tree import flatten, map_structure, pack_sequence_as

Path = tuple[Any, ...]


@dataclass(frozen=True)
class LossPart:
    """One loss: of what (keys and places into the outputs; all of them for ()), how much it counts, its name."""

    path: Path
    loss: Any
    weight: float | None
    name: str | None


@dataclass(frozen=True)
class _Weighed:
    """A loss and its weight, as one leaf."""

    loss: Any
    weight: float | None


def is_nested(thing: Any) -> bool:
    """Whether something has parts."""
    return isinstance(thing, (list, tuple, dict))


def at_path(structure: Any, path: Path) -> Any:
    """What stands there."""
    for key in path:
        structure = structure[key]
    return structure


def loss_parts(loss: Any, weights: Any, outputs: Any, names: list[str]) -> list[LossPart]:
    """The losses that `compile` was told, in order."""
    if isinstance(loss, dict) and not isinstance(outputs, dict):
        loss, weights = _by_name("loss", loss, names), _by_name("loss_weights", weights, names)
        if not is_nested(outputs):
            loss, weights = loss[0], flatten(weights)[0]
    weighed = _with_weights(loss, weights, outputs)
    return list(_parts_in(weighed, outputs, pack_sequence_as(outputs, names), ()))


def _by_name(word: str, told: Any, names: list[str]) -> Any:
    if not isinstance(told, dict):
        return told
    _refuse_strange(word, told, names)
    return [told.get(name) for name in names]


def _refuse_strange(word: str, told: dict[str, Any], names: list[str]) -> None:
    strange = [str(name) for name in told if name not in names]
    if strange:
        raise SettingError(
            f"compile: Invalid `{word}`. Expected keys among the names of outputs ({', '.join(names)}), received "
            f"{', '.join(sorted(strange))}."
        )


def _with_weights(loss: Any, weights: Any, outputs: Any) -> Any:
    """The losses with their weights, in the losses' structure; one loss for all is told for each."""
    if is_nested(outputs) and not is_nested(loss):
        loss = map_structure(lambda _: loss, outputs)
    count = len(flatten(loss))
    if isinstance(weights, dict) and isinstance(loss, dict):
        _refuse_strange("loss_weights", weights, list(loss))
        return {key: _with_weights(loss[key], weights.get(key), None) for key in loss}
    told = [None] * count if weights is None else flatten(weights)
    if len(told) == 1 and count > 1:
        told = told * count
    if len(told) != count:
        raise SettingError(f"compile loss_weights: expected one for each of {count} losses, received {len(told)}.")
    return pack_sequence_as(
        loss, [None if one is None else _Weighed(one, weight) for one, weight in zip(flatten(loss), told, strict=True)]
    )


def _parts_in(loss: Any, outputs: Any, names: Any, path: Path) -> Iterator[LossPart]:
    if loss is None:
        return
    if not is_nested(loss):
        yield LossPart(path, loss.loss, loss.weight, _name(names, path))
        return
    if isinstance(loss, (list, tuple)):
        if not any(map(is_nested, loss)) and len(loss) == len(flatten(outputs)):
            loss = pack_sequence_as(outputs, list(loss))
        elif type(outputs) is not type(loss) and not (isinstance(outputs, (list, tuple)) and len(outputs) == len(loss)):
            for one in loss:  # several losses of the same thing
                yield from _parts_in(one, outputs, names, path)
            return
    if not is_nested(loss):
        yield from _parts_in(loss, outputs, names, path)
        return
    if isinstance(loss, dict) != isinstance(outputs, dict) or not is_nested(outputs):
        raise UnknownOutput(
            f"compile loss: expected the structure of the outputs, {_stars(outputs)}; received {_stars(loss)} "
            f"at {path}."
        )
    for key, one in loss.items() if isinstance(loss, dict) else enumerate(loss):
        if one is not None and (key not in outputs if isinstance(outputs, dict) else key >= len(outputs)):
            raise UnknownOutput(
                f"compile loss: The path: {(*path, key)} in the `loss` argument, can't be found in either the model's "
                f"output (`y_pred`) or in the labels (`y_true`). Outputs: {', '.join(map(str, outputs))}."
            )
        if one is not None:
            yield from _parts_in(one, outputs[key], names[key], (*path, key))


def _name(names: Any, path: Path) -> str:
    """Keys of dicts say where; the name of the output stands for its place in a list."""
    if is_nested(names):
        told = "/".join(str(key) for key in path)
        return told or "_".join(flatten(names))
    if not path or isinstance(path[-1], int):
        path = (*path[:-1], names)
    return "/".join(str(key) for key in path)


def _stars(structure: Any) -> Any:
    return map_structure(lambda _: "*", structure)


def losses_by_output(loss: Any, outputs: Any, names: list[str]) -> list[Any]:
    """For each output the loss that is of it alone, None where there is none: what its labels mean."""
    count = len(flatten(outputs))
    places = pack_sequence_as(outputs, list(range(count)))
    found: list[Any] = [None] * count
    for part in loss_parts(loss, None, outputs, names):
        place = at_path(places, part.path)
        if not is_nested(place) and found[place] is None:
            found[place] = part.loss
    return found


def metric_lists(word: str, told: Any, outputs: Any, names: list[str]) -> list[list[Any]]:
    """The metrics of each output."""
    count = len(names)
    if not told:
        return [[] for _ in range(count)]
    if count == 1:
        if isinstance(told, dict):
            _refuse_strange(word, told, [*names, *(outputs if isinstance(outputs, dict) else ())])
        return [_all_in(told)]
    is_flat = is_nested(outputs) and len(outputs) == count
    if is_flat and isinstance(told, dict):
        _refuse_strange(word, told, names)
        return [_all_in(told.get(name)) for name in names]
    if not is_nested(told) or (is_flat and len(told) != count):
        raise SettingError(
            f"compile {word}: expected one list for each of {count} outputs ({', '.join(names)}), received {told!r}."
        )
    if is_flat:
        return [_all_in(part) for part in told]
    return list(_metrics_in(word, told, outputs))


def _metrics_in(word: str, told: Any, outputs: Any) -> Iterator[list[Any]]:
    if not is_nested(outputs):
        yield _all_in(told)
    elif isinstance(outputs, dict):
        _refuse_strange(word, told or {}, list(outputs))
        for key in sorted(outputs):
            yield from _metrics_in(word, (told or {}).get(key), outputs[key])
    else:
        for place, part in enumerate(outputs):
            yield from _metrics_in(word, None if told is None else told[place], part)


def _all_in(told: Any) -> list[Any]:
    if isinstance(told, dict):
        return [one for part in told.values() for one in _all_in(part)]
    return [] if told is None else flatten(told)


def for_each_output(word: str, told: Any, outputs: Any, names: list[str], wanted: list[bool]) -> list[Any]:
    """Labels or sample weights of each output; None where there are none. `wanted` says which outputs need some."""
    if isinstance(told, dict) and set(told) & set(names):
        missing = [name for name, needs in zip(names, wanted, strict=True) if needs and name not in told]
        if missing:
            raise SettingError(
                f"{word}: expected an entry for each output ({', '.join(names)}), received {', '.join(told)}."
            )
        return [told.get(name) for name in names]
    leaves = flatten(told)
    if all(leaf is None for leaf in leaves):
        return [None] * len(names)
    if len(leaves) == len(names):
        return leaves
    if len(leaves) == sum(wanted):
        supply = iter(leaves)
        return [next(supply) if needs else None for needs in wanted]
    raise SettingError(
        f"{word}: expected {len(names)} arrays, one for each output ({', '.join(names)}), received {len(leaves)}."
    )
