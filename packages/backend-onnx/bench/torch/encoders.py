"""The encoders of @unlabel/models in PyTorch. Modules are named as the variables there, so that weights carry over."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Unit(nn.Module):
    """A linear or convolution layer under its name, with the norm that may follow it."""

    def __init__(self, norm=None, **layer):
        super().__init__()
        ((self.kind, module),) = layer.items()
        self.add_module(self.kind, module)
        self.norm = norm

    def forward(self, x):
        x = getattr(self, self.kind)(x)
        return x if self.norm is None else self.norm(x)


class MlpHead(nn.Module):
    """Linear layers with norm and activation between them; those before a batch norm have no bias."""

    def __init__(self, dims, norm=True, activation=F.relu):
        super().__init__()
        last = len(dims) - 2
        self.activation = activation
        self.layers = nn.ModuleList(
            Unit(
                dense=nn.Linear(fan_in, fan_out, bias=index == last or not norm),
                norm=nn.BatchNorm1d(fan_out) if norm and index < last else None,
            )
            for index, (fan_in, fan_out) in enumerate(zip(dims, dims[1:]))
        )

    def forward(self, x):
        *hidden, final = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        return final(x)


class Mlp(MlpHead):
    def __init__(self, spec):
        super().__init__([math.prod(spec["inputShape"]), *spec["hidden"], spec["outputDim"]], norm=spec["norm"] == "batch")
        self.output_dim = spec["outputDim"]

    def forward(self, x):
        return super().forward(x.flatten(1))


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        batch, tokens, dim = x.shape
        joint = self.qkv(x).view(batch, tokens, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        queries, keys, values = joint.unbind(0)
        if hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(queries, keys, values)
        else:
            scores = (queries * math.sqrt(self.heads / dim)) @ keys.transpose(-2, -1)
            mixed = scores.softmax(-1) @ values
        return self.proj(mixed.transpose(1, 2).reshape(batch, tokens, dim))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = MlpHead([dim, 4 * dim, dim], norm=False, activation=F.gelu)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    """Pre-norm vision transformer with fixed sine and cosine positions; features are the mean of the tokens."""

    def __init__(self, spec):
        super().__init__()
        height, width, channels = spec["inputShape"]
        self.patch, dim = spec["patchSize"], spec["dim"]
        self.grid = (height // self.patch, width // self.patch)
        self.output_dim = dim
        self.patches = nn.Linear(self.patch**2 * channels, dim)
        self.blocks = nn.ModuleList(Block(dim, spec["heads"]) for _ in range(spec["depth"]))
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.register_buffer("positions", sin_cos_positions(self.grid, dim))

    def forward(self, x):
        batch, _, _, channels = x.shape
        (rows, columns), patch = self.grid, self.patch
        cut = x.reshape(batch, rows, patch, columns, patch, channels).permute(0, 1, 3, 2, 4, 5)
        tokens = self.patches(cut.reshape(batch, rows * columns, -1)) + self.positions
        for block in self.blocks:
            tokens = block(tokens)
        return self.norm(tokens).mean(1)


def sin_cos_positions(grid, dim):
    """[rows · columns, dim]: sines and cosines of the column, then of the row."""

    def axis(coordinate):
        angles = coordinate[:, None] / 10000 ** (torch.arange(dim // 4) / (dim // 4))
        return torch.cat([angles.sin(), angles.cos()], 1)

    rows, columns = torch.meshgrid(*(torch.arange(extent) for extent in grid), indexing="ij")
    return torch.cat([axis(columns.flatten()), axis(rows.flatten())], 1)


def convolution(channels, width, kernel, stride):
    return nn.Conv2d(channels, width, kernel, stride, padding=kernel // 2, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv1, self.norm1 = convolution(channels, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.norm2 = convolution(width, width, 3, 1), nn.BatchNorm2d(width)
        changes = stride != 1 or channels != width
        shortcut = Unit(conv=convolution(channels, width, 1, stride), norm=nn.BatchNorm2d(width))
        self.shortcut = shortcut if changes else nn.Identity()

    def forward(self, x):
        residual = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)), inplace=True)))
        return F.relu(residual + self.shortcut(x), inplace=True)


class Stage(nn.Module):
    def __init__(self, channels, width, stride, blocks):
        super().__init__()
        self.blocks = nn.Sequential(
            *(BasicBlock(width if index else channels, width, 1 if index else stride) for index in range(blocks))
        )

    def forward(self, x):
        return self.blocks(x)


class Resnet(nn.Module):
    """Basic blocks after a 3×3 stem without pooling, and global average pooling. Takes channels-last images."""

    def __init__(self, spec):
        super().__init__()
        channels, width = spec["inputShape"][2], spec["stemWidth"]
        self.stem = Unit(conv=convolution(channels, width, 3, spec.get("stemStride", 1)), norm=nn.BatchNorm2d(width))
        widths = [width, *spec["widths"]]
        self.stages = nn.Sequential(*(Stage(*extents) for extents in zip(widths, widths[1:], spec["strides"], spec["blocks"])))
        self.output_dim = widths[-1]
        self.norm = nn.BatchNorm1d(self.output_dim, affine=False) if spec.get("outputNorm") else nn.Identity()

    def forward(self, x):
        maps = F.relu(self.stem(x.permute(0, 3, 1, 2)), inplace=True)
        return self.norm(self.stages(maps).mean((2, 3)))


def encoder_of(spec):
    return {"vit": Vit, "resnet": Resnet, "mlp": Mlp}[spec["name"]](spec)
