"""Forecasting: windows of a series, a stateless LSTM, errors in the series's own unit."""
import math
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import GRU, LSTM, Bidirectional, Dense
from tensorflow.keras.models import Sequential

tf.random.set_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
np.random.seed(7)
t = np.arange(600)
series = 200 + 30 * np.sin(2 * np.pi * t / 25) + 10 * np.sin(2 * np.pi * t / 60) + np.random.normal(scale=2, size=600)
dataset = series.reshape(-1, 1).astype("float32")
low, high = dataset.min(), dataset.max()
dataset = (dataset - low) / (high - low)
train_size = int(len(dataset) * 0.67)
train, test = dataset[0:train_size, :], dataset[train_size : len(dataset), :]


def create_dataset(dataset, look_back=1):
    dataX, dataY = [], []
    for i in range(len(dataset) - look_back - 1):
        dataX.append(dataset[i : (i + look_back), 0])
        dataY.append(dataset[i + look_back, 0])
    return np.array(dataX), np.array(dataY)


look_back = 12
trainX, trainY = create_dataset(train, look_back)
testX, testY = create_dataset(test, look_back)
trainX = np.reshape(trainX, (trainX.shape[0], look_back, 1))
testX = np.reshape(testX, (testX.shape[0], look_back, 1))

windows = tf.keras.utils.timeseries_dataset_from_array(dataset[:-look_back], dataset[look_back:], look_back, batch_size=8)
for batch_x, batch_y in windows.take(1):
    print("windows:", batch_x.shape, batch_y.shape)

model = Sequential()
model.add(Bidirectional(LSTM(12, return_sequences=True), input_shape=(look_back, 1)))
model.add(GRU(12))
model.add(Dense(1))
model.compile(loss="mean_squared_error", optimizer="adam")
model.fit(trainX, trainY, epochs=20, batch_size=16, verbose=2)
testPredict = model.predict(testX)
rmse = math.sqrt(np.mean((testPredict[:, 0] - testY) ** 2)) * (high - low)
print("rmse", rmse)
