"""Which operations of torch are known, and what sort each is of."""

import operator

from verify.models import torch_arithmetic, torch_windows
from verify.models.torch_rules import RULES

assert torch_arithmetic
assert torch_windows  # both note their rules


def _aten(names: str) -> set[str]:
    """Return the kinds of names, "default" unless they say another overload."""
    return {f"aten.{name if '.' in name else f'{name}.default'}" for name in names.split()}


# What tracing notes about shapes and types, and what computes no values.
NOTES = _aten("_assert_scalar _assert_tensor_metadata sym_size.int")

# What computes sizes from sizes, where a program is for any number of examples.
SIZES = {
    f"_operator.{operation.__name__}": operation
    for operation in (operator.add, operator.floordiv, operator.mul, operator.sub)
}

# What moves entries, drops and repeats some, or puts constants between them, and computes none.
MOVES = _aten(
    "alias clone contiguous detach detach_ flatten.using_ints lift_fresh_copy reshape squeeze "
    "squeeze.dim squeeze.dims unflatten.int unsqueeze view _unsafe_view view_as reshape_as "
    "adjoint mT numpy_T permute swapaxes swapdims t transpose.int movedim.int movedim.intlist "
    "select.int slice.Tensor narrow split.Tensor split_with_sizes chunk unbind.int "
    "tensor_split.sections tensor_split.indices expand expand_as broadcast_to repeat tile "
    "repeat_interleave.self_int flip fliplr flipud roll rot90 diagonal unfold im2col tril triu "
    "index.Tensor index_select gather cat concat stack hstack vstack constant_pad_nd pad "
    "pixel_shuffle pixel_unshuffle channel_shuffle where.self masked_fill.Scalar "
    "masked_fill.Tensor upsample_nearest1d.vec upsample_nearest2d.vec upsample_nearest3d.vec "
    "_upsample_nearest_exact1d.vec _upsample_nearest_exact2d.vec"
)
NEAREST = {kind for kind in MOVES if "upsample" in kind}
# In these constants stand beside computed values.
MIXED = _aten("cat concat stack hstack vstack where.self")
# Of these only the shape or type of a second value counts.
ALIKE = _aten("expand_as view_as reshape_as type_as to.other")
# Where constants are repeated for each example, as computed values are.
BROADCAST = _aten(
    "add.Tensor sub.Tensor rsub.Tensor mul.Tensor div.Tensor true_divide.Tensor maximum minimum "
    "max.other min.other clamp.Tensor clamp_min.Tensor clamp_max.Tensor matmul bmm baddbmm"
)
CASTS = _aten("to.dtype to.dtype_layout to.device to.other _to_copy type_as")
DROPOUT = _aten(
    "alpha_dropout dropout feature_alpha_dropout feature_dropout dropout_ alpha_dropout_ "
    "feature_dropout_ feature_alpha_dropout_"
)
# What is the same for every example, whatever the input is: of these its shape alone counts.
LIKES = _aten("zeros_like ones_like full_like new_zeros new_ones new_full")
# Constants that a module makes inside, none of them rounded or drawn.
MADE = _aten(
    "zeros ones full eye scalar_tensor arange arange.start arange.start_step "
    "lt.Scalar le.Scalar gt.Scalar ge.Scalar eq.Scalar ne.Scalar logical_not logical_and "
    "logical_or remainder.Scalar"
)
# What computes constants from constants in floats, besides operations that have rules.
COMPUTED = _aten(
    "linspace sqrt rsqrt reciprocal exp log log2 tanh sigmoid softplus square pow.Tensor_Scalar "
    "pow.Tensor_Tensor sign softmax.int log_softmax.int norm.ScalarOpt_dim linalg_vector_norm "
    "linalg_norm _weight_norm _weight_norm_interface dot vdot outer var.correction std.correction "
    "var.dim std.dim prod.dim_int floor ceil round cumsum cos sin clamp.default"
)
PRODUCTS = _aten("matmul bmm baddbmm")  # of matrices, which lie along the last two axes
SOFTMAX = _aten("_log_softmax _softmax log_softmax.int softmax.int")
ENDS = SOFTMAX | _aten("sigmoid argmax log exp")

_IN_PLACE = _aten(
    "relu_ relu6_ hardtanh_ clamp_ clamp_.Tensor clamp_min_ clamp_max_ leaky_relu_ rrelu_ abs_ "
    "neg_ threshold_ hardsigmoid_ add_.Tensor add_.Scalar sub_.Tensor sub_.Scalar mul_.Tensor "
    "mul_.Scalar div_.Tensor div_.Scalar masked_fill_.Scalar masked_fill_.Tensor"
)
# What writes into a tensor, and what it would compute otherwise.
IN_PLACE = {kind: kind.replace("_.", ".") for kind in _IN_PLACE}
WRITES = _aten("copy_ fill_.Scalar fill_.Tensor zero_")

# What makes constants of constants without rounding.
UNROUNDED = {*MOVES, *MADE, *LIKES, *DROPOUT, *WRITES}
KNOWN = {
    *NOTES, *SIZES, *MOVES, *CASTS, *DROPOUT, *LIKES, *MADE, *COMPUTED, *ENDS, *IN_PLACE, *WRITES,
    *RULES,
}  # fmt: skip

_CURVED = "no piecewise linear function"
_DIVIDED = "a normalisation by what the examples themselves are: a division by computed values"
_PRODUCT = "a product of computed values"
_STEP = "a step, which jumps"
REASONS = {
    **dict.fromkeys(
        ("tanh", "gelu", "silu", "mish", "elu", "celu", "selu", "softplus", "log_sigmoid", "erf",
         "sin", "cos", "exp", "log", "sqrt", "rsqrt", "softsign", "atan", "expm1", "log1p"),
        _CURVED,
    ),
    **dict.fromkeys(
        ("layer_norm", "native_layer_norm", "group_norm", "native_group_norm", "rms_norm",
         "cosine_similarity", "linalg_vector_norm", "norm", "var", "std"), _DIVIDED
    ),
    **dict.fromkeys(
        ("hardswish", "glu", "square", "pow", "cumprod", "prod", "bilinear", "cdist", "addcmul"),
        _PRODUCT,
    ),
    **dict.fromkeys(
        ("floor", "ceil", "round", "sign", "hardshrink", "gt", "lt", "ge", "le", "heaviside",
         "remainder", "floor_divide", "trunc"), _STEP
    ),
    **dict.fromkeys(("reciprocal",), "a division by computed values"),
    "scaled_dot_product_attention": "attention, which multiplies computed values",
    **dict.fromkeys(("lstm", "gru", "rnn_tanh"), "a recurrent layer of sigmoids and tanh"),
    **dict.fromkeys(
        ("rand", "randn", "rand_like", "randn_like", "bernoulli", "normal", "randint"),
        "random numbers",
    ),
}  # fmt: skip


def reason(kind: str) -> str:
    """Return what an operation that is not read is, in words."""
    base = kind.partition(".")[2].partition(".")[0].rstrip("_")
    return f"{kind}: {REASONS[base]}" if base in REASONS else kind
