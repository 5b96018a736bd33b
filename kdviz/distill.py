"""Equations 1 to 4 of the paper as pure functions on tensors.

Everything is per example, never averaged, for any leading shape. Half precision is computed and
returned in float32, as PyTorch's own losses are under autocast.
Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def tempered_softmax(logits: Tensor, temperature: float | Tensor) -> Tensor:
    """Turn logits into probabilities at a temperature: q_i = exp(z_i/T) / Σ_j exp(z_j/T) (Eq. 1).

    T = 1 is the ordinary softmax; a higher T gives softer probabilities, in the limit all equal.

    Args:
        logits: (..., C), finite.
        temperature: T > 0, a number or a tensor broadcastable to the leading shape.

    Returns:
        (..., C) probabilities that sum to 1 over the last axis.

    Raises:
        ValueError: If the logits are not finite or the temperature is not positive and finite.

    Example:
        >>> tempered_softmax(torch.tensor([4.0, 2.0, 0.0]), temperature=2.0)
        tensor([0.6652, 0.2447, 0.0900])
    """
    logits = _checked("logits", logits)
    scale = _temperature(temperature, logits)
    return ((logits - logits.detach().amax(-1, keepdim=True)) / scale).softmax(-1)


def entropy(probabilities: Tensor, base: float = 2.0) -> Tensor:
    """Measure how spread out a distribution is: -Σ_i p_i log p_i, with 0·log 0 = 0.

    From 0 (certain) to log C (all C classes alike: 3.32 bits for ten digits).

    Args:
        probabilities: (..., C), not negative, summing to 1 over the last axis.
        base: Of the logarithm: 2 gives bits, math.e gives nats.

    Returns:
        (...) entropies.

    Raises:
        ValueError: If `probabilities` is not a distribution or `base` is not above 1.

    Example:
        >>> entropy(torch.tensor([0.5, 0.25, 0.25]))
        tensor(1.5000)
    """
    rounding = getattr(probabilities, "dtype", None) in (torch.float16, torch.bfloat16)
    probabilities = _checked("probabilities", probabilities)
    if not (math.isfinite(base) and base > 1):
        raise ValueError(f"base must be a number above 1, got {base}")
    values = probabilities.detach()
    sums = values.sum(-1)
    _require(values >= 0, values, "probabilities must not be negative, got {}")
    _require(
        (sums - 1).abs() < (1e-2 if rounding else 1e-3),
        sums,
        "probabilities must sum to 1 over the last axis, got a sum of {}",
    )
    # entr carries the limit 0·log 0 = 0; the logarithm's own gradient there is infinite.
    return torch.special.entr(probabilities).sum(-1) / math.log(base)


def soft_target_loss(
    student_logits: Tensor, teacher_logits: Tensor, temperature: float | Tensor
) -> Tensor:
    """Compare a student with the teacher's soft targets: T²·KL(p_T ‖ q_T), in nats.

    KL has the gradient of the paper's cross-entropy and 0 as its minimum. Gradients of soft
    targets shrink as 1/T²; the factor T² restores them, here and nowhere else.

    With u = (z - v)/T less its mean under p, KL = log(1 + Σ_i p_i (e^u_i - 1 - u_i)): no term is
    negative, so none takes digits from the others, however alike p and q are.

    Args:
        student_logits: z, (..., C).
        teacher_logits: v, of the same shape; no gradient flows into them.
        temperature: T > 0, a number or a tensor broadcastable to the leading shape.

    Returns:
        (...) losses, at least 0.

    Raises:
        ValueError: If shapes differ, logits are not finite, or T is not positive and finite.

    Example:
        >>> z, v = torch.tensor([0.0, 0.0]), torch.tensor([4.0, 0.0])
        >>> soft_target_loss(z, v, temperature=2.0)
        tensor(1.3113)
    """
    z, v = _checked_pair(student_logits, teacher_logits)
    scale = _temperature(temperature, z)
    _, _, excess, far = _compared(z, v.detach(), scale)
    scale, near = scale.squeeze(-1), excess < 1
    return scale * torch.where(near, scale * torch.where(near, excess, 0).log1p(), far)


def hard_target_loss(student_logits: Tensor, labels: Tensor) -> Tensor:
    """Compare a student with the correct labels: -log q_label, in nats, at T = 1 (§2).

    Args:
        student_logits: z, (..., C).
        labels: (...) class numbers; -1 means unlabelled and gives 0, without a gradient.

    Returns:
        (...) losses, at least 0.

    Raises:
        ValueError: If shapes differ, logits are not finite, or a label is not in -1 to C - 1.

    Example:
        >>> hard_target_loss(torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([0, -1]))
        tensor([0.1269, 0.0000])
    """
    student_logits = _checked("student_logits", student_logits)
    labels = _checked_labels(labels, student_logits)
    log_q = student_logits.log_softmax(-1)
    picked = log_q.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return torch.where(labels >= 0, -picked, torch.zeros_like(picked))


def distillation_loss(
    student_logits: Tensor,
    teacher_logits: Tensor,
    labels: Tensor,
    *,
    temperature: float | Tensor,
    soft_weight: float | Tensor,
) -> Tensor:
    """Weigh two losses: w·T²·KL(p_T ‖ q_T) + (1 - w)·cross-entropy (§2), in nats.

    The paper found a considerably lower weight on the labels best. An unlabelled example (-1)
    keeps only its soft term.

    Args:
        student_logits: z, (..., C).
        teacher_logits: v, of the same shape.
        labels: (...) class numbers, -1 for unlabelled.
        temperature: T > 0, a number or a tensor broadcastable to the leading shape.
        soft_weight: w in [0, 1], a number or a tensor broadcastable to the leading shape.

    Returns:
        (...) losses.

    Raises:
        ValueError: If shapes differ, or a value is not finite or out of its range.

    Example:
        >>> z, v = torch.tensor([0.0, 0.0]), torch.tensor([4.0, 0.0])
        >>> distillation_loss(z, v, torch.tensor(0), temperature=2.0, soft_weight=0.5)
        tensor(1.0022)
    """
    weight = _soft_weight(soft_weight, _checked("student_logits", student_logits))
    soft = soft_target_loss(student_logits, teacher_logits, temperature)
    return weight * soft + (1 - weight) * hard_target_loss(student_logits, labels)


def soft_target_gradient(
    student_logits: Tensor, teacher_logits: Tensor, temperature: float | Tensor
) -> Tensor:
    """Give the gradient of the soft cross-entropy with respect to z: (q_i - p_i)/T (Eq. 2).

    Without T²: this is what shrinks as 1/T² when T grows.

    Args:
        student_logits: z, (..., C).
        teacher_logits: v, of the same shape.
        temperature: T > 0, a number or a tensor broadcastable to the leading shape.

    Returns:
        (..., C) gradients, summing to 0 over the last axis.

    Raises:
        ValueError: If shapes differ, logits are not finite, or T is not positive and finite.

    Example:
        >>> z, v = torch.tensor([0.0, 0.0]), torch.tensor([4.0, 0.0])
        >>> soft_target_gradient(z, v, temperature=2.0)
        tensor([-0.1904,  0.1904])
    """
    z, v = _checked_pair(student_logits, teacher_logits)
    scale = _temperature(temperature, z)
    p, difference, excess, _ = _compared(z, v, scale)
    near, close = _close(difference / scale)
    gap = p * (near.expm1() - excess.unsqueeze(-1)) / (1 + excess.unsqueeze(-1))
    q = tempered_softmax(z, scale.squeeze(-1))
    return torch.where(close & (excess < 1).unsqueeze(-1), gap, q - p) / scale


def logit_matching_gradient(
    student_logits: Tensor, teacher_logits: Tensor, temperature: float | Tensor
) -> Tensor:
    """Give the high-temperature limit of Eq. 2: (z_i - v_i)/(N·T²), N classes (Eq. 4).

    Here distillation is matching logits. The limit needs logits of zero mean for each example,
    so the means are taken off first; its error falls as 1/T.

    Args:
        student_logits: z, (..., N).
        teacher_logits: v, of the same shape.
        temperature: T > 0, a number or a tensor broadcastable to the leading shape.

    Returns:
        (..., N) gradients, summing to 0 over the last axis.

    Raises:
        ValueError: If shapes differ, logits are not finite, or T is not positive and finite.

    Example:
        >>> z, v = torch.tensor([0.0, 0.0]), torch.tensor([4.0, 0.0])
        >>> logit_matching_gradient(z, v, temperature=20.0)
        tensor([-0.0025,  0.0025])
    """
    z, v = _checked_pair(student_logits, teacher_logits)
    scale = _temperature(temperature, z)
    difference = z - v
    centered = difference - difference.mean(-1, keepdim=True)
    return centered / (z.shape[-1] * scale**2)


def _compared(z: Tensor, v: Tensor, scale: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Compare p = softmax(v/T) with q = softmax(z/T), T of shape (..., 1).

    Logits masked with a float's lowest value stay finite until they are divided by T.

    Returns:
        (..., C) p and d = z - v less its mean under p, so that q is proportional to p·e^(d/T);
        (...) e^KL - 1, with all its digits where it is below 1, and T·KL, with all of them where
        it is not.
    """
    top = v.argmax(-1, keepdim=True)
    highest = v.gather(-1, top)
    rest = scale * ((v - highest) / scale).logsumexp(-1, keepdim=True)
    p = ((v - highest) / scale).softmax(-1)
    gap = z - v
    back = gap - z
    lost = (z - (gap - back)) - (v + back)  # what rounding took from the gap
    shift = gap.gather(-1, top)
    d = gap - shift + lost
    mean = (p * d).sum(-1, keepdim=True)
    d = d - mean
    level = shift + mean + highest + rest
    near, close = _close(d / scale)
    series = 1 + near / 20
    for k in range(19, 2, -1):
        series = 1 + near / k * series
    # p·e^(d/T), but of z: where a class cannot be for the teacher alone, p is 0 and d endless.
    power = (z - level) / scale
    grown = power.clamp(max=60).exp()
    apart = torch.where(power < 60, grown - p - p * d / scale, grown)
    excess = torch.where(close, p * near**2 / 2 * series, apart).sum(-1)
    highest = z.detach().amax(-1, keepdim=True)
    far = scale * ((z - highest) / scale).logsumexp(-1, keepdim=True) + (highest - level)
    return p, d, excess, far.squeeze(-1)


def _close(u: Tensor) -> tuple[Tensor, Tensor]:
    """Tell where |u| is at most 1/2, and put 0 elsewhere."""
    close = u.abs() <= 0.5
    return torch.where(close, u, 0), close


def _require(good: Tensor, values: Tensor, message: str) -> None:
    """Raise ValueError with the first of the values that is not good.

    Under vmap and torch.compile values can't be read, and the check is left out.
    """
    if torch.compiler.is_compiling():
        return
    try:
        holds = bool(good.all())
    except RuntimeError:  # vmap: the values are not there to be read
        return
    if not holds:
        raise ValueError(message.format(f"{values[~good].flatten()[0].item():.6g}"))


def _checked(name: str, logits: Tensor) -> Tensor:
    """Check logits, and widen half precision."""
    if not isinstance(logits, Tensor) or not logits.is_floating_point():
        kind = logits.dtype if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(f"{name} must be a floating-point torch.Tensor, got {kind}")
    if logits.ndim == 0 or 0 in logits.shape:
        raise ValueError(
            f"{name} must have shape (..., classes) and no empty axis, got {tuple(logits.shape)}"
        )
    values = logits.detach()
    _require(values.isfinite(), values, f"{name} must be finite, got {{}}")
    return logits.float() if logits.dtype.itemsize < 4 else logits


def _checked_pair(student_logits: Tensor, teacher_logits: Tensor) -> tuple[Tensor, Tensor]:
    z, v = _checked("student_logits", student_logits), _checked("teacher_logits", teacher_logits)
    if student_logits.shape != teacher_logits.shape:
        raise ValueError(
            f"teacher_logits must have the shape of student_logits, "
            f"{tuple(student_logits.shape)}, got {tuple(teacher_logits.shape)}"
        )
    return z, v


def _checked_labels(labels: Tensor, logits: Tensor) -> Tensor:
    """Check labels of any integer type, and widen them: in uint8, -1 would be 255."""
    whole = isinstance(labels, Tensor) and not (
        labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool
    )
    if not whole:
        kind = labels.dtype if isinstance(labels, Tensor) else type(labels).__name__
        raise ValueError(f"labels must be a torch.Tensor of whole numbers, got {kind}")
    if labels.shape != logits.shape[:-1]:
        raise ValueError(
            f"labels must have the leading shape of the logits, {tuple(logits.shape[:-1])}, "
            f"got {tuple(labels.shape)}"
        )
    classes, labels = logits.shape[-1], labels.long()
    _require(
        (labels >= -1) & (labels < classes),
        labels,
        f"labels must lie in 0 to {classes - 1}, or be -1 for unlabelled, got {{}}",
    )
    return labels


def _temperature(temperature: float | Tensor, logits: Tensor) -> Tensor:
    """Check a temperature and shape it (..., 1), to divide logits."""
    scale = _parameter("temperature", temperature, logits)
    values = scale.detach()
    _require(
        (values > 0) & values.isfinite(), values, "temperature must be positive and finite, got {}"
    )
    return scale.unsqueeze(-1)


def _soft_weight(soft_weight: float | Tensor, logits: Tensor) -> Tensor:
    weight = _parameter("soft_weight", soft_weight, logits)
    values = weight.detach()
    _require((values >= 0) & (values <= 1), values, "soft_weight must lie in [0, 1], got {}")
    return weight


def _parameter(name: str, value: float | Tensor, logits: Tensor) -> Tensor:
    """Put a number or a tensor beside the logits: their type, device and leading shape."""
    try:
        tensor = torch.as_tensor(value, dtype=logits.dtype, device=logits.device)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{name} must be a number or a tensor, got {value!r}") from error
    leading = logits.shape[:-1]
    try:
        fits = torch.broadcast_shapes(tensor.shape, leading) == leading
    except RuntimeError:
        fits = False
    if not fits or tensor.numel() == 0:
        raise ValueError(
            f"{name} must be broadcastable to the leading shape {tuple(leading)}, "
            f"got shape {tuple(tensor.shape)}"
        )
    return tensor
