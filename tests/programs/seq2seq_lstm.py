"""Sequence to sequence: an encoder's states start a decoder, which is asked step by step afterwards."""
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import LSTM, Dense, Input
from tensorflow.keras.models import Model

tf.random.set_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
np.random.seed(0)
num_tokens, length, latent_dim = 8, 5, 64  # tokens 0 and 1 are start and end
start_token, end_token = 0, 1

sources = np.random.randint(2, num_tokens, size=(1500, length))
encoder_input_data = np.zeros((len(sources), length, num_tokens), dtype="float32")
decoder_input_data = np.zeros((len(sources), length + 1, num_tokens), dtype="float32")
decoder_target_data = np.zeros((len(sources), length + 1, num_tokens), dtype="float32")
for i, source in enumerate(sources):
    target = [start_token] + list(source[::-1]) + [end_token]
    for t, token in enumerate(source):
        encoder_input_data[i, t, token] = 1.0
    for t, token in enumerate(target[:-1]):
        decoder_input_data[i, t, token] = 1.0
        decoder_target_data[i, t, target[t + 1]] = 1.0

encoder_inputs = Input(shape=(None, num_tokens))
encoder = LSTM(latent_dim, return_state=True)
encoder_outputs, state_h, state_c = encoder(encoder_inputs)
encoder_states = [state_h, state_c]
decoder_inputs = Input(shape=(None, num_tokens))
decoder_lstm = LSTM(latent_dim, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
decoder_dense = Dense(num_tokens, activation="softmax")
decoder_outputs = decoder_dense(decoder_outputs)
model = Model([encoder_inputs, decoder_inputs], decoder_outputs)
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="categorical_crossentropy", metrics=["accuracy"])
history = model.fit(
    [encoder_input_data, decoder_input_data], decoder_target_data, batch_size=64, epochs=20, validation_split=0.2,
    verbose=0,
)

encoder_model = Model(encoder_inputs, encoder_states)
decoder_state_input_h = Input(shape=(latent_dim,))
decoder_state_input_c = Input(shape=(latent_dim,))
decoder_states_inputs = [decoder_state_input_h, decoder_state_input_c]
decoder_outputs, state_h, state_c = decoder_lstm(decoder_inputs, initial_state=decoder_states_inputs)
decoder_states = [state_h, state_c]
decoder_outputs = decoder_dense(decoder_outputs)
decoder_model = Model([decoder_inputs] + decoder_states_inputs, [decoder_outputs] + decoder_states)


def decode_sequence(input_seq):
    states_value = encoder_model.predict(input_seq, verbose=0)
    target_seq = np.zeros((1, 1, num_tokens))
    target_seq[0, 0, start_token] = 1.0
    decoded = []
    while len(decoded) < length + 1:
        output_tokens, h, c = decoder_model.predict([target_seq] + states_value, verbose=0)
        token = int(np.argmax(output_tokens[0, -1, :]))
        if token == end_token:
            break
        decoded.append(token)
        target_seq = np.zeros((1, 1, num_tokens))
        target_seq[0, 0, token] = 1.0
        states_value = [h, c]
    return decoded


for seq_index in range(1200, 1203):
    print(list(sources[seq_index]), "->", decode_sequence(encoder_input_data[seq_index : seq_index + 1]))
print("val_accuracy", history.history["val_accuracy"][-1])
