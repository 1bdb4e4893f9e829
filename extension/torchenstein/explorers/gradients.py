"""What each operation of autograd does with the gradient that arrives, in English.

By the name of its node, without "Backward" and number. The sentence that they end begins with that
name. Source: https://docs.pytorch.org/docs/stable/notes/autograd.html, derivatives.yaml of torch.
"""

from __future__ import annotations

from ..translation import N_

GRADIENTS = {
    "Add": N_("passes it on unchanged, to each of its inputs"),
    "Sub": N_("passes it on, with the sign turned for what was subtracted"),
    "Mul": N_("multiplies it by the other factor"),
    "Div": N_("divides it by the divisor; the divisor gets it times -input / divisor²"),
    "Neg": N_("turns its sign"),
    "Pow": N_("multiplies it by exponent · input^(exponent - 1)"),
    "Square": N_("multiplies it by twice the input"),
    "Exp": N_("multiplies it by the result, exp(input)"),
    "Log": N_("divides it by the input"),
    "Sqrt": N_("divides it by twice the result"),
    "Abs": N_("multiplies it by the input's sign"),
    "Sum": N_("copies it to every element that was added"),
    "Mean": N_("spreads it evenly, divided by the number of elements"),
    "Mm": N_("multiplies it by the other matrix, transposed"),
    "Bmm": N_("multiplies it by the other matrices, transposed"),
    "Mv": N_("multiplies it by the transposed matrix, and for the matrix by the vector"),
    "Dot": N_("multiplies it by the other vector"),
    "Addmm": N_("passes it to the bias, and to each matrix times the other, transposed"),
    "Linear": N_("multiplies it by the weight, and for the weight by the input"),
    "Relu": N_("passes it on where the input was positive, and stops it elsewhere"),
    "Gelu": N_("multiplies it by the slope of gelu at the input"),
    "Silu": N_("multiplies it by the slope of silu at the input"),
    "Sigmoid": N_("multiplies it by result · (1 - result)"),
    "Tanh": N_("multiplies it by 1 - result²"),
    "Softmax": N_("mixes it within each row: result · (gradient - their weighted mean)"),
    "LogSoftmax": N_("subtracts from it, in each row, softmax times its sum"),
    "NllLoss": N_("passes it, negated, to the log-probability of the right class alone"),
    "MseLoss": N_("multiplies it by twice the difference"),
    "T": N_("transposes it"),
    "Transpose": N_("swaps the same two axes back"),
    "Permute": N_("puts the axes back in their order"),
    "View": N_("gives it the shape of the input"),
    "UnsafeView": N_("gives it the shape of the input"),
    "ReshapeAlias": N_("gives it the shape of the input"),
    "Unsqueeze": N_("drops the added axis"),
    "Squeeze": N_("puts the axis of size 1 back"),
    "Expand": N_("adds up what was repeated"),
    "Select": N_("puts it back in its place, zeros elsewhere"),
    "Slice": N_("puts it back in its place, zeros elsewhere"),
    "Index": N_("adds it into the places that were read"),
    "Embedding": N_("adds it into the rows that were looked up"),
    "Cat": N_("cuts it into the parts that were joined"),
    "Stack": N_("cuts it into the parts that were stacked"),
    "Clone": N_("passes it on unchanged"),
    "Convolution": N_("convolves it with the flipped kernel, and for the weight with the input"),
    "NativeLayerNorm": N_(
        "rescales it by 1 / std, and takes out its mean and its part along the result"
    ),
    "NativeDropout": N_("passes it on where the element was kept"),
}
