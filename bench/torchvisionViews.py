"""Torchvision's side of bench/augment.mjs: SimCLR's views of the images in a file, on one thread.

Reads lines of JSON, { path, size, kernel, height, width, count, file, seconds }, renders that long, and answers each with
{ views, seconds }: views made, and processor seconds that they took.
"""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import numpy
import torch
import torchvision
from PIL import Image
from torchvision import transforms

torch.set_num_threads(1)


def pipeline(path, size, kernel):
    return transforms.Compose([
        transforms.RandomResizedCrop(size),  # PIL antialiases; tensors do less by default
        transforms.RandomHorizontalFlip(),
        transforms.RandomApply([transforms.ColorJitter(0.8, 0.8, 0.8, 0.2)], p=0.8),
        transforms.RandomGrayscale(0.2),
        transforms.RandomApply([transforms.GaussianBlur(kernel, (0.1, 2.0))], p=0.5),
        transforms.ToTensor() if path == "pil" else transforms.ConvertImageDtype(torch.float32),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ])


def images(path, file, count, height, width):
    arrays = numpy.fromfile(file, dtype=numpy.uint8).reshape(count, height, width, 3)
    if path == "pil":
        return [Image.fromarray(array) for array in arrays]
    return list(torch.from_numpy(arrays).permute(0, 3, 1, 2).contiguous())


def run(path, size, kernel, height, width, count, file, seconds):
    views, sources, made = pipeline(path, size, kernel), images(path, file, count, height, width), 0
    start = time.process_time()
    while time.process_time() - start < seconds:
        views(sources[made % count])
        made += 1
    return {"views": made, "seconds": time.process_time() - start}


print(json.dumps({"torchvision": torchvision.__version__, "torch": torch.__version__}), flush=True)
for line in sys.stdin:
    print(json.dumps(run(**json.loads(line))), flush=True)
