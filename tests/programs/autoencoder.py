"""The autoencoder of the Keras blog: one model, its encoder and its decoder share layers."""
import sys

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
rng = np.random.default_rng(0)

# Pictures of one bright bar each: where it begins, how long it is, whether it lies or stands.
pictures = np.zeros((1200, 12, 12), "float32")
for picture in pictures:
    row, start, length = rng.integers(0, 12), rng.integers(0, 6), rng.integers(3, 7)
    picture[row, start : start + length] = 1.0
    if rng.random() < 0.5:
        picture[:] = picture.T
pictures = pictures.reshape((len(pictures), np.prod(pictures.shape[1:])))
x_train, x_test = pictures[:1000], pictures[1000:]

encoding_dim = 24
input_img = keras.Input(shape=(144,))
encoded = layers.Dense(64, activation="relu")(input_img)
encoded = layers.Dense(encoding_dim, activation="relu", activity_regularizer=keras.regularizers.l1(1e-6))(encoded)
decoded = layers.Dense(64, activation="relu")(encoded)
decoded = layers.Dense(144, activation="sigmoid")(decoded)

autoencoder = keras.Model(input_img, decoded)
encoder = keras.Model(input_img, encoded)
encoded_input = keras.Input(shape=(encoding_dim,))
decoder_layers = autoencoder.layers[-2:]
decoder = keras.Model(encoded_input, decoder_layers[1](decoder_layers[0](encoded_input)))

autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
history = autoencoder.fit(
    x_train, x_train, epochs=30, batch_size=32, shuffle=True, validation_data=(x_test, x_test), verbose=0
)
encoded_imgs = encoder.predict(x_test)
decoded_imgs = decoder.predict(encoded_imgs)
print("codes:", encoded_imgs.shape, "epochs:", len(history.history["val_loss"]))
assert np.allclose(decoded_imgs, autoencoder.predict(x_test, verbose=0), atol=1e-5)
print("error", float(np.mean((decoded_imgs - x_test) ** 2)))
