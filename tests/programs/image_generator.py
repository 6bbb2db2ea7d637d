"""Pictures in folders, altered as they come, from ImageDataGenerator; Keras 2 habits."""
import os
import sys
import tempfile

import numpy as np
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.image import ImageDataGenerator, array_to_img, img_to_array, load_img
from tensorflow.keras.utils import set_random_seed

set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
rng = np.random.RandomState(0)
img_width, img_height = 24, 24
home = tempfile.mkdtemp()


def draw(kind):
    """A disc or a square, somewhere, in a colour of its own."""
    rows, columns = np.mgrid[:30, :30]
    r, c, size = rng.randint(10, 20), rng.randint(10, 20), rng.randint(5, 9)
    inside = (rows - r) ** 2 + (columns - c) ** 2 < size**2
    if kind == "squares":
        inside = np.maximum(abs(rows - r), abs(columns - c)) < size * 0.9
        inside &= np.maximum(abs(rows - r), abs(columns - c)) > size * 0.5
    picture = rng.randint(0, 60, size=(30, 30, 3))
    picture[inside] = rng.randint(120, 255, size=3)
    return picture.astype("float32")


for part, count in (("train", 150), ("validation", 60)):
    for kind in ("discs", "squares"):
        folder = os.path.join(home, part, kind)
        os.makedirs(folder)
        for number in range(count):
            array_to_img(draw(kind)).save(os.path.join(folder, "%03d.png" % number))
one = img_to_array(load_img(os.path.join(home, "train", "discs", "000.png"), target_size=(24, 24)))
print("one picture:", one.shape)

if K.image_data_format() == "channels_first":
    input_shape = (3, img_width, img_height)
else:
    input_shape = (img_width, img_height, 3)
model = Sequential()
model.add(Conv2D(16, (3, 3), input_shape=input_shape))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Conv2D(16, (3, 3)))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(32))
model.add(Activation("relu"))
model.add(Dropout(0.3))
model.add(Dense(1))
model.add(Activation("sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

train_datagen = ImageDataGenerator(
    rescale=1.0 / 255, zoom_range=0.1, width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True
)
test_datagen = ImageDataGenerator(rescale=1.0 / 255)
train_generator = train_datagen.flow_from_directory(
    os.path.join(home, "train"), target_size=(img_width, img_height), batch_size=20, class_mode="binary"
)
validation_generator = test_datagen.flow_from_directory(
    os.path.join(home, "validation"), target_size=(img_width, img_height), batch_size=20, class_mode="binary"
)
print(train_generator.class_indices)
history = model.fit(train_generator, epochs=10, validation_data=validation_generator, verbose=2)
print("val_accuracy", max(history.history["val_accuracy"]))
