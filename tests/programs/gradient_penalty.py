"""A Wasserstein GAN of points on a ring: a step of one's own with a gradient inside of a gradient."""
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
keras.utils.set_random_seed(seed)
angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 640)
points = np.stack([np.cos(angles), np.sin(angles)], 1).astype("float32") * 2


def network(width, name):
    return keras.Sequential(
        [layers.Dense(32), layers.LeakyReLU(0.2), layers.Dense(32), layers.LeakyReLU(0.2), layers.Dense(width)], name=name
    )


class Ring(keras.Model):
    def __init__(self, noise=4, critic_steps=3, weight=5.0):
        super().__init__()
        self.critic, self.artist = network(1, "critic"), network(2, "artist")
        self.noise, self.critic_steps, self.weight = noise, critic_steps, weight

    def compile(self, critic_optimizer, artist_optimizer):
        super().compile()
        self.critic_optimizer, self.artist_optimizer = critic_optimizer, artist_optimizer

    def call(self, noise):
        return self.artist(noise)

    def penalty(self, real, drawn, rows):
        share = tf.random.uniform([rows, 1], 0.0, 1.0)
        between = real + share * (drawn - real)
        with tf.GradientTape() as tape:
            tape.watch(between)
            judged = self.critic(between, training=True)
        slopes = tape.gradient(judged, [between])[0]
        length = tf.sqrt(tf.reduce_sum(tf.square(slopes), axis=1) + 1e-12)
        return tf.reduce_mean((length - 1.0) ** 2)

    def train_step(self, real):
        rows = tf.shape(real)[0]
        for _ in range(self.critic_steps):
            noise = tf.random.normal((rows, self.noise))
            with tf.GradientTape() as tape:
                drawn = self.artist(noise, training=True)
                gap = tf.reduce_mean(self.critic(drawn, training=True)) - tf.reduce_mean(self.critic(real, training=True))
                loss = gap + self.weight * self.penalty(real, drawn, rows)
            slopes = tape.gradient(loss, self.critic.trainable_variables)
            self.critic_optimizer.apply_gradients(zip(slopes, self.critic.trainable_variables))
        noise = tf.random.normal((rows, self.noise))
        with tf.GradientTape() as tape:
            blame = -tf.reduce_mean(self.critic(self.artist(noise, training=True), training=True))
        slopes = tape.gradient(blame, self.artist.trainable_variables)
        self.artist_optimizer.apply_gradients(zip(slopes, self.artist.trainable_variables))
        return {"critic": loss, "artist": blame}


model = Ring()
model.compile(keras.optimizers.Adam(2e-3, beta_1=0.5), keras.optimizers.Adam(2e-3, beta_1=0.5))
model.fit(points, batch_size=64, epochs=40, verbose=0)
drawn = model.predict(np.random.default_rng(1).normal(size=(400, 4)).astype("float32"), verbose=0)
print("radius", np.linalg.norm(drawn, axis=1).mean())
