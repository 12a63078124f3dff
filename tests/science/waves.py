"""A membrane by finite differences, in place and by views; its spectrum; a blur by slices."""

import numpy as np


def bump(n):
    axis = np.linspace(-1, 1, n)
    x, y = np.meshgrid(axis, axis)
    return np.where(x**2 + y**2 < 0.5, np.exp(-4 * (x**2 + y**2)), 0.0)


def laplacian(u):
    out = np.zeros_like(u)
    out[1:-1, 1:-1] = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4 * u[1:-1, 1:-1]
    return out


def advance(u, velocity, steps):
    for _ in range(steps):
        velocity += 0.1 * laplacian(u)
        u += velocity


def clamp_edges(u):
    for edge in (u[0], u[-1], u.T[0], u[:, -1]):
        edge *= 0
    u.reshape(-1)[0] = -1.0


def spectrum(signal, rate):
    windowed = signal * np.hanning(signal.size)
    power = np.abs(np.fft.rfft(windowed)) ** 2
    frequencies = np.fft.rfftfreq(signal.size, 1 / rate)
    return frequencies[power.argmax()], np.sort(power)[::-1][:3].round(6)


def blur(image, width):
    kernel = np.ones(width) / width
    rows = np.array([np.convolve(row, kernel, mode="same") for row in image])
    return np.clip(rows, 0.01, None)


def main():
    u = bump(24)
    velocity = np.zeros_like(u)
    corner = u[:2, :2]
    advance(u, velocity, 20)
    clamp_edges(u)
    print(corner, u.sum().round(9), velocity.std().round(9))
    print(*spectrum(u[12], 24.0), f"{blur(u, 3).mean():.9f}")


main()
