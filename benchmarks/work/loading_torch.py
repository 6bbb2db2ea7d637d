"""A folder of photos through a PyTorch-style loader. argv: folder, side, passes.

Pictures are decoded and resized with Pillow in two worker processes; later passes take them from memory, which is
quicker than decoding anew; they are altered a batch at a time with affine_grid and grid_sample. Prints pictures per
second as JSON.
"""

import json
import math
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

folder, side, passes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.manual_seed(0)


class Photos(Dataset):
    def __init__(self):
        self.files = sorted(path for path in folder.glob("*/*") if path.is_file())
        self.names = sorted({path.parent.name for path in self.files})

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        with Image.open(self.files[index]) as image:
            pixels = image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
        return torch.from_numpy(np.array(pixels)), self.names.index(self.files[index].parent.name)


def altered(pictures):
    """Mirrored by chance, turned by up to 0.08 of a full turn, zoomed by up to a quarter; edges reflected."""
    count = len(pictures)
    angle = (torch.rand(count) * 2 - 1) * 0.08 * 2 * math.pi
    zoom = 1 + (torch.rand(count) * 2 - 1) * 0.25
    mirror = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    frame = torch.zeros(count, 2, 3)
    frame[:, 0, 0], frame[:, 0, 1] = zoom * angle.cos() * mirror, -zoom * angle.sin()
    frame[:, 1, 0], frame[:, 1, 1] = zoom * angle.sin() * mirror, zoom * angle.cos()
    grid = functional.affine_grid(frame, list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)


def seconds_of_pass(alter):
    began = time.perf_counter()
    for rows in torch.randperm(len(kept)).split(32):
        batch = kept[rows].permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format)
        if alter:
            altered(batch)
    return time.perf_counter() - began


began = time.perf_counter()
photos = Photos()
kept = torch.cat([x for x, _ in DataLoader(photos, batch_size=32, num_workers=2)])
first = time.perf_counter() - began
later = median(seconds_of_pass(False) for _ in range(passes))
augmented = median(seconds_of_pass(True) for _ in range(passes))
count = len(photos)
print(json.dumps({"first": count / first, "later": count / later, "augmented": count / augmented, "seconds": first}))
