"""The families of failures: what torch says, and who explains it.

A message belongs to the first family that recognises it and has something to say. The patterns are
those of the installed torch; the tests raise every one of them.
"""

from __future__ import annotations

import re

from ..finding import Family
from . import autograd, axes, broadcast, conv, device, dtype, embedding, layer, loss, reshape
from .attention import attention
from .einsum import einsum
from .joining import joining
from .matmul import matmul

_PRODUCT = (
    r"mat1 and mat2 shapes|size mismatch, got input|for first two dimensions of batch2"
    r"|must be a matrix|batch[12] must be a 3D|inconsistent tensor size, expected"
    r"|1D tensors expected|must have same reduction dim|arguments to matmul need"
)
_MIXED = (
    r"to have the same dtype|must have the same dtype|expected both vectors to have same dtype"
    r"|expected scalar type|bias type \(|weight type \(|mixed dtype|RNN input dtype"
)
_FLOATING = (
    r"not implemented for '|could not infer output dtype|only support floating point"
    r"|operator\.invert"
)
_INDEX = (
    r"only integers, slices|tensors used as indices must|argument #1 'indices' to have one of"
    r"|Expected dtype int32/int64 for index|one_hot is only applicable"
)
_DEVICE = (
    r"to be on the same device|is not on the expected device|are not at the same device"
    r"|indices should be either on |Input type \(.+ type \(.+ should be the same"
)
_RANGE = (
    r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)"
)
_SIZES = r"The expanded size of the tensor.*Target sizes: (\[.*?\])\.  Tensor sizes: (\[.*?\])"
_SECOND = r"backward through the graph a second time"
_GRADIENT = r"can require gradient"
_BATCH = r"to match target batch_size|multi-target not supported|Expected target size"
_NORM = r"running_mean should contain|Given normalized_shape|expected \w+ input|more than 1 value"
_NORM += r"|weight to be a vector of size equal"

_TABLE: tuple[tuple[str, str, Family], ...] = (
    ("linear", _PRODUCT, layer.linear),
    ("matmul", _PRODUCT + "|must match the size", matmul),
    ("matmul", _PRODUCT + "|must match the size", attention),
    ("broadcast", r"must match the size of tensor b", broadcast.broadcast),
    ("broadcast", r"doesn't match the broadcast shape", broadcast.in_place),
    ("broadcast", _SIZES, broadcast.expand),
    ("cat", r"Sizes of tensors must match|same number of dimensions: got", joining),
    ("cat", r"stack expects|cannot be concatenated|non-empty list of Tensors", joining),
    (
        "reshape",
        r"is invalid for input of size|only one dimension can be inferred",
        reshape.reshape,
    ),
    ("reshape", r"view size is not compatible", reshape.strides),
    (
        "reshape",
        r"Provided sizes \[(.*?)\] don't multiply up to the size of dim (-?\d+) \((\d+)\)",
        reshape.unflatten,
    ),
    (
        "conv",
        r"to have \d+ channels, but got|\(batched\) input to conv|Kernel size can't",
        conv.conv,
    ),
    ("conv", r"Output size is too small|3D or 4D \(batch mode\) tensor expected", conv.pool),
    ("layer", _NORM, layer.normalization),
    ("layer", r"equal to input_size\. Expected (\d+), got (\d+)", layer.recurrent),
    ("index", r"index out of range in self", embedding.embedding),
    (
        "index",
        r"index (-?\d+) is out of bounds for dimension (\d+) with size (\d+)",
        embedding.bounds,
    ),
    ("index", r"too many indices for tensor", embedding.too_many),
    ("index", r"The shape of the mask", embedding.mask),
    ("index", r"Index tensor must have the same number of dimensions", embedding.gather),
    ("dtype", _MIXED, dtype.mixed),
    ("dtype", _FLOATING, dtype.floating),
    ("dtype", r"only supports boolean masks|to be a boolean tensor", dtype.boolean),
    ("dtype", _INDEX, dtype.index),
    ("dtype", r"Found dtype|result type \w+ can't be cast", loss.whole),
    ("dtype", r"result type \w+ can't be cast", dtype.result),
    ("dtype", _GRADIENT, dtype.gradient),
    ("device", _DEVICE, device.different),
    ("device", r"not compiled with CUDA|No CUDA GPUs|no NVIDIA driver", device.missing),
    ("device", r"can't convert .* device type tensor to numpy", device.numpy),
    ("leaf in place", r"leaf Variable that requires grad is being used", autograd.leaf),
    ("backward twice", _SECOND, autograd.twice),
    ("backward", r"implicitly created only for scalar", autograd.scalar),
    ("backward", r"does not require grad and does not have a grad_fn", autograd.unrecorded),
    ("backward", r"modified by an inplace operation", autograd.modified),
    ("backward", r"Mismatch in shape: grad_output", autograd.shapes),
    ("backward", r"Can't call numpy\(\) on Tensor that requires grad", autograd.numpy),
    ("loss", _BATCH, loss.sizes),
    ("loss", r"expected target dtype|for target with class probabilities", loss.kind),
    ("loss", r"Target (-?\d+) is out of bounds", loss.bounds),
    ("loss", r"different to the input size|must be the same as input size", loss.binary),
    ("loss", r"should be between 0 and 1", loss.probability),
    ("einsum", r"^einsum\(\):", einsum),
    ("dim", _RANGE, axes.out_of_range),
    ("dim", r"permute\(", axes.permute),
    ("dim", r"t\(\) expects a tensor with <= 2", axes.transpose),
    ("dim", r"values to unpack", axes.unpack),
    ("truth", r"Boolean value of Tensor with more than one", axes.truth),
    ("truth", r"cannot be converted to Scalar|one element tensors can be converted", axes.item),
)

FAMILIES = tuple((name, re.compile(pattern, re.S), explain) for name, pattern, explain in _TABLE)
