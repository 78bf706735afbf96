"""The triangle of a forming run: velocity linear with a bubble, pressure linear (MINI), at three points each.

The bubble is condensed: with the viscosity of the linear part it leaves the pressure block
S = G K_b^-1 G^T, which makes velocity and pressure of one order stable (D. N. Arnold, F. Brezzi, M. Fortin,
Calcolo 21 (1984) 337). Components: radius (or x), height (or y); rates rr, zz, theta theta, 2 rz.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Shares of the three corners at the three points of quadrature; exact for polynomials of degree two.
_NEAR, _FAR = 2.0 / 3.0, 1.0 / 6.0
#: Integrals of the bubble 27 L1 L2 L3 over a triangle of unit area: itself, its square, and of its gradients' products
#: over the sum of the products of the corners' gradients.
_BUBBLE, _BUBBLE_SQUARE, _BUBBLE_GRADIENT = 0.45, 729.0 * 16.0 / 40320.0, 729.0 / 180.0


@compiled()
def gradients(corners: FloatArray, gradient: FloatArray) -> np.float64:
    """Write the gradients of the corner functions, (3, 2), and return the area."""
    x1, y1, x2, y2, x3, y3 = corners[0, 0], corners[0, 1], corners[1, 0], corners[1, 1], corners[2, 0], corners[2, 1]
    double = (x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1)
    gradient[0, 0], gradient[0, 1] = (y2 - y3) / double, (x3 - x2) / double
    gradient[1, 0], gradient[1, 1] = (y3 - y1) / double, (x1 - x3) / double
    gradient[2, 0], gradient[2, 1] = (y1 - y2) / double, (x2 - x1) / double
    return np.float64(0.5 * double)


@compiled()
def strain_rates(
    points: FloatArray,
    triangles: IntArray,
    velocity: FloatArray,
    rates: FloatArray,
    axisymmetric: bool,  # noqa: FBT001  (compiled loops take no keywords alone)
) -> None:
    """Write the rates rr, zz, tt, 2 rz at the points of quadrature, (m, 3, 4), 1/s."""
    for e in range(triangles.shape[0]):
        corners = np.empty((3, 2))
        gradient = np.empty((3, 2))
        for i in range(3):
            corners[i, 0], corners[i, 1] = points[triangles[e, i], 0], points[triangles[e, i], 1]
        gradients(corners, gradient)
        rr = zz = shear = 0.0
        for i in range(3):
            u, w = velocity[triangles[e, i], 0], velocity[triangles[e, i], 1]
            rr += gradient[i, 0] * u
            zz += gradient[i, 1] * w
            shear += gradient[i, 1] * u + gradient[i, 0] * w
        for q in range(3):
            tt = 0.0
            if axisymmetric:
                u = r = 0.0
                for i in range(3):
                    share = _NEAR if i == q else _FAR
                    u += share * velocity[triangles[e, i], 0]
                    r += share * corners[i, 0]
                tt = u / r
            rates[e, q, 0], rates[e, q, 1], rates[e, q, 2], rates[e, q, 3] = rr, zz, tt, shear


@compiled()
def assemble(
    points: FloatArray,
    triangles: IntArray,
    pressure: FloatArray,
    rates: FloatArray,
    effective: FloatArray,
    stress: FloatArray,
    slope: FloatArray,
    newton: float,
    axisymmetric: bool,  # noqa: FBT001
    matrix: FloatArray,
    residual: FloatArray,
) -> None:
    """Write the matrix and the residual of every element.

    Parameters
    ----------
    points, triangles, pressure
        (n, 2) m, (m, 3), (n,) Pa.
    rates, effective, stress, slope
        (m, 3, 4) 1/s, (m, 3) 1/s above 0, (m, 3) Pa, (m, 3) Pa s.
    newton
        Share of the true tangent, 0 (fixed viscosity) to 1.
    matrix, residual
        (m, 9, 9) and (m, 9): u, w of the three corners in turn, then their pressures. Per radian where axisymmetric.
    """
    b = np.empty((4, 6))
    dev = np.empty(4)
    flow = np.empty(4)
    tangent = np.empty((4, 4))
    pushed = np.empty((4, 6))
    corners = np.empty((3, 2))
    gradient = np.empty((3, 2))
    for e in range(triangles.shape[0]):
        for i in range(3):
            corners[i, 0], corners[i, 1] = points[triangles[e, i], 0], points[triangles[e, i], 1]
        area = gradients(corners, gradient)
        middle = (corners[0, 0] + corners[1, 0] + corners[2, 0]) / 3.0
        for i in range(9):
            residual[e, i] = 0.0
            for j in range(9):
                matrix[e, i, j] = 0.0
        mean_viscosity = 0.0
        for q in range(3):
            r = 0.0
            for i in range(3):
                r += (_NEAR if i == q else _FAR) * corners[i, 0]
            weight = area / 3.0 * (r if axisymmetric else 1.0)
            for i in range(3):
                share = _NEAR if i == q else _FAR
                b[0, 2 * i], b[0, 2 * i + 1] = gradient[i, 0], 0.0
                b[1, 2 * i], b[1, 2 * i + 1] = 0.0, gradient[i, 1]
                b[2, 2 * i], b[2, 2 * i + 1] = (share / r if axisymmetric else 0.0), 0.0
                b[3, 2 * i], b[3, 2 * i + 1] = gradient[i, 1], gradient[i, 0]
            volume = rates[e, q, 0] + rates[e, q, 1] + rates[e, q, 2]
            for k in range(3):
                dev[k] = rates[e, q, k] - volume / 3.0
            dev[3] = rates[e, q, 3]
            viscosity = stress[e, q] / (3.0 * effective[e, q])
            mean_viscosity += viscosity / 3.0
            for k in range(3):
                flow[k] = 2.0 * viscosity * dev[k]
            flow[3] = viscosity * dev[3]
            change = (slope[e, q] * effective[e, q] - stress[e, q]) / (3.0 * effective[e, q] ** 2)
            grade = newton * change * 2.0 / (3.0 * effective[e, q])
            for k in range(4):
                for n in range(4):
                    tangent[k, n] = 0.0
            for k in range(3):
                for n in range(3):
                    tangent[k, n] = -2.0 * viscosity / 3.0
                tangent[k, k] += 2.0 * viscosity
            tangent[3, 3] = viscosity
            # Derivative of the viscosity times the rates; the shear entry of `dev` is 2 rz, twice that of the tensor.
            for k in range(4):
                left = 2.0 * dev[k] if k < 3 else dev[3]
                for n in range(4):
                    right = dev[n] if n < 3 else 0.5 * dev[3]
                    tangent[k, n] += grade * left * right
            for k in range(4):
                for j in range(6):
                    pushed[k, j] = 0.0
                    for n in range(4):
                        pushed[k, j] += tangent[k, n] * b[n, j]
            p = 0.0
            for i in range(3):
                p += (_NEAR if i == q else _FAR) * pressure[triangles[e, i]]
            for i in range(6):
                spread = b[0, i] + b[1, i] + b[2, i]
                force = -p * spread
                for k in range(4):
                    force += b[k, i] * flow[k]
                residual[e, i] += weight * force
                for j in range(6):
                    stiff = 0.0
                    for k in range(4):
                        stiff += b[k, i] * pushed[k, j]
                    matrix[e, i, j] += weight * stiff
                for j in range(3):
                    share = _NEAR if j == q else _FAR
                    matrix[e, i, 6 + j] -= weight * share * spread
                    matrix[e, 6 + j, i] -= weight * share * spread
            for j in range(3):
                residual[e, 6 + j] -= weight * (_NEAR if j == q else _FAR) * volume
        _condense(gradient, area, middle, mean_viscosity, axisymmetric, pressure, triangles, e, matrix, residual)


@compiled()
def _condense(
    gradient: FloatArray,
    area: float,
    middle: float,
    viscosity: float,
    axisymmetric: bool,  # noqa: FBT001
    pressure: FloatArray,
    triangles: IntArray,
    e: int,
    matrix: FloatArray,
    residual: FloatArray,
) -> None:
    """Take the condensed bubble off the pressure block."""
    weight = middle if axisymmetric else 1.0
    xx = yy = xy = 0.0
    for i in range(3):
        xx += gradient[i, 0] * gradient[i, 0]
        yy += gradient[i, 1] * gradient[i, 1]
        xy += gradient[i, 0] * gradient[i, 1]
    scale = viscosity * area * weight * _BUBBLE_GRADIENT
    k11, k22, k12 = scale * (4.0 / 3.0 * xx + yy), scale * (4.0 / 3.0 * yy + xx), scale * xy / 3.0
    if axisymmetric:
        k11 += 4.0 / 3.0 * viscosity * area * _BUBBLE_SQUARE / middle
    determinant = k11 * k22 - k12 * k12
    whole = area * weight * _BUBBLE
    for i in range(3):
        for j in range(3):
            part = gradient[i, 0] * (k22 * gradient[j, 0] - k12 * gradient[j, 1]) + gradient[i, 1] * (
                k11 * gradient[j, 1] - k12 * gradient[j, 0]
            )
            held = whole * whole * part / determinant
            matrix[e, 6 + i, 6 + j] -= held
            residual[e, 6 + i] -= held * pressure[triangles[e, j]]
    if math.isnan(determinant):
        residual[e, 6] = math.nan
