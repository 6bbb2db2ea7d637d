"""Layers that change pictures by several of the others, drawn by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops, random
from pippin.layers.arguments import one_of
from pippin.layers.blurring import RandomSharpness
from pippin.layers.colours import AutoContrast, RandomColorDegeneration, RandomPosterization, Solarization
from pippin.layers.draw import uniform
from pippin.layers.framing import RandomRotation, RandomShear, RandomTranslation
from pippin.layers.histograms import Equalization
from pippin.layers.preprocessing import RandomBrightness, RandomContrast
from pippin.layers.views import PictureLayer, RandomView, factor_range, value_range_of


class _Several(RandomView):
    """What both share: the layers among which chance decides, made for a strength from `factor`."""

    def __init__(
        self, value_range: Any, factor: Any, interpolation: str, seed: int | None, data_format: str | None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        kind = type(self).__name__
        self.value_range = value_range_of(kind, value_range)
        self.factor = factor_range(f"{kind} factor", factor, 0, 1)
        self.interpolation = one_of(f"{kind} interpolation", interpolation, ("nearest", "bilinear"))

    def made(self, with_colours: bool) -> dict[str, PictureLayer]:
        """The layers by name, in Keras's order. Pictures reach them with the channels last."""
        strength = self.factor
        colours: dict[str, Any] = {"value_range": self.value_range}
        alike: dict[str, Any] = {
            "data_format": "channels_last", "bounding_box_format": self.bounding_box_format,
        }  # fmt: skip
        chance: dict[str, Any] = alike | {"seed": self.seed}
        moving: dict[str, Any] = chance | {"interpolation": self.interpolation}
        found: dict[str, PictureLayer] = {
            "random_shear": RandomShear(strength, strength, **moving),
            "random_translation": RandomTranslation(strength, strength, **moving),
            "random_rotation": RandomRotation(strength, **moving),
        }
        if with_colours:
            found |= {
                "random_brightness": RandomBrightness(strength, **colours, **chance),
                "random_color_degeneration": RandomColorDegeneration(strength, **colours, **chance),
                "random_contrast": RandomContrast(strength, **colours, **chance),
                "random_sharpness": RandomSharpness(strength, **colours, **chance),
            }
        bits = max(1, int(8 * strength[1]))
        return found | {
            "random_posterization": RandomPosterization(bits, **colours, **chance),
            "solarization": Solarization(strength, strength, **colours, **chance),
            "auto_contrast": AutoContrast(**colours, **alike),
            "equalization": Equalization(**colours, **alike),
        }


class RandAugment(_Several):
    """Pictures changed by `num_ops` of eleven layers, drawn for each batch, at a strength up to `factor`; masks and
    boxes with them.

    Source: Cubuk et al., "RandAugment: Practical automated data augmentation" (2020).
    """

    def __init__(
        self, value_range: Any = (0, 255), num_ops: int = 2, factor: Any = 0.5, interpolation: str = "bilinear",
        seed: int | None = None, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(value_range, factor, interpolation, seed, data_format, **keywords)
        self.num_ops = num_ops
        self.parts = self.made(with_colours=True)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        stream = self.generator if seed is None else seed
        images = data["images"] if isinstance(data, dict) else data
        seen = images if len(images.shape) == 4 else ops.expand_dims(images, 0)
        seen = ops.moveaxis(seen, 1, -1) if self.data_format == "channels_first" else seen
        transforms = {name: part.get_random_transformation(seen, True, stream) for name, part in self.parts.items()}
        choices = ops.floor(uniform(stream, (max(1, self.num_ops),), 0.0, float(len(self.parts))))
        return {"transforms": transforms, "layer_idxes": ops.cast(choices, "int32")}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        return self._each(pictures, transformation, "transform_images")

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        masks = ops.cast(segmentation_masks, "float32")
        return self._with(
            lambda m, numbers: self._each(m, numbers, "transform_segmentation_masks"), masks, transformation, training
        )

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if not training or transformation is None:
            return bounding_boxes
        boxes = {**bounding_boxes, "boxes": ops.cast(bounding_boxes["boxes"], "float32")}
        return self._each(boxes, transformation, "transform_bounding_boxes")

    def _each(self, thing: Any, transformation: Any, how: str) -> Any:
        for step in range(self.num_ops):
            choice = transformation["layer_idxes"][step]
            for place, (name, part) in enumerate(self.parts.items()):
                made = getattr(part, how)(thing, transformation["transforms"][name])
                if made is thing:
                    continue
                is_chosen = ops.equal(choice, place)
                if isinstance(thing, dict):
                    thing = {word: ops.where(is_chosen, made[word], thing[word]) for word in thing}
                else:
                    thing = ops.where(is_chosen, made, thing)
        return thing


class AugMix(_Several):
    """Pictures blended from themselves and from several chains of changes, each of up to `chain_depth` layers drawn for
    each batch (none is drawn too); the weights come from the distributions of Dirichlet and beta with `alpha`.

    Source: Hendrycks et al., "AugMix: A simple data processing method to improve robustness and uncertainty" (2020).
    """

    def __init__(
        self, value_range: Any = (0, 255), num_chains: int = 3, chain_depth: int = 3, factor: Any = 0.3,
        alpha: float = 1.0, all_ops: bool = True, interpolation: str = "bilinear", seed: int | None = None,
        data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(value_range, factor, interpolation, seed, data_format, **keywords)
        self.num_chains, self.chain_depth, self.alpha, self.all_ops = num_chains, chain_depth, alpha, all_ops
        self.parts = self.made(with_colours=all_ops)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        shares = random.gamma((self.num_chains,), self.alpha, seed=seed)
        choices = uniform(seed, (self.chain_depth, self.num_chains), 0.0, float(len(self.parts) + 1))
        # All chains go through a layer together, one behind the other in one batch.
        steps = [
            {name: part.drawn(batch * self.num_chains, height, width, seed) for name, part in self.parts.items()}
            for _ in range(self.chain_depth)
        ]
        return {
            "chain_mixing_weights": shares / ops.sum(shares),
            "weight_sample": random.beta((), self.alpha, self.alpha, seed=seed),
            "choices": ops.floor(choices),
            "steps": steps,
        }

    def changed(self, pictures: Any, transformation: Any) -> Any:
        made = self._mixed(pictures, transformation, lambda part, x, numbers: part.changed(x, numbers))
        return ops.clip(made, *map(float, self.value_range))

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        def change(part: Any, masks: Any, numbers: Any) -> Any:
            return part.transform_segmentation_masks(masks, numbers)

        masks = ops.cast(segmentation_masks, "float32")
        return self._with(lambda m, numbers: self._mixed(m, numbers, change), masks, transformation, training)

    def _mixed(self, pictures: Any, transformation: Any, change: Any) -> Any:
        batch, rest = pictures.shape[0], pictures.shape[1:]
        chains = ops.tile(pictures, (self.num_chains, 1, 1, 1))
        of_chain = np.repeat(np.arange(self.num_chains), batch)
        for step, numbers in enumerate(transformation["steps"]):
            choice = ops.reshape(ops.take(transformation["choices"][step], of_chain.astype(np.int32)), (-1, 1, 1, 1))
            before = chains
            for place, (name, part) in enumerate(self.parts.items()):
                made = change(part, before, numbers[name])
                if made is not before:
                    chains = ops.where(ops.equal(choice, float(place)), made, chains)
        shares = ops.reshape(transformation["chain_mixing_weights"], (-1, 1, 1, 1, 1))
        mixed = ops.sum(ops.reshape(chains, (self.num_chains, batch, *rest)) * shares, 0)
        kept = transformation["weight_sample"]
        return pictures * kept + mixed * (1.0 - kept)


class MaxNumBoundingBoxes(PictureLayer):
    """Exactly `max_number` boxes for each picture: those beyond are left out, missing ones are `fill_value`, and so are
    their labels. Pictures stay."""

    def __init__(self, max_number: int, fill_value: int = -1, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(data_format, **keywords)
        self.max_number, self.fill_value = int(max_number), int(fill_value)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return images

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        most = self.max_number
        changed = {}
        for word, part in bounding_boxes.items():
            missing = max(0, most - part.shape[1])
            borders = [(0, 0), (0, missing)] + [(0, 0)] * (len(part.shape) - 2)
            changed[word] = ops.pad(part[:, :most], borders, constant_values=self.fill_value)
        return changed
