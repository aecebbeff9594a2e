"""Reads the tensors that our side begins with, so that both compute the same from the first step on."""

import json
import struct

import torch
from torch import nn


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    return {name: view(data, **entry) for name, entry in header.items()}


def view(data, dtype, shape, data_offsets):
    start, end = data_offsets
    assert dtype == "F32"
    return torch.frombuffer(data, dtype=torch.float32, count=(end - start) // 4, offset=start).reshape(shape).clone()


@torch.no_grad()
def copy_weights(tensors, model):
    """Parameters are found by their names; kernels are [in, out] and [height, width, in, out] there."""
    for path, module in model.named_modules():
        matrix = isinstance(module, (nn.Linear, nn.Conv2d))
        names = {"weight": "kernel", "bias": "bias"} if matrix else {"weight": "scale", "bias": "offset"}
        for name, parameter in module.named_parameters(recurse=False):
            value = tensors[f"{path.replace('.', '/')}/{names[name]}"]
            if value.ndim == 2:
                value = value.t()
            elif value.ndim == 4:
                value = value.permute(3, 2, 0, 1)
            parameter.copy_(value)
