// Terms that a newcomer may not know: what each means in plain words, and where the paper has it.

import { key } from "../words/t.js";

export const PAPER = "https://arxiv.org/abs/1503.02531";

export const TERMS = {
  [key`teacher`]: { means: key`A network, or several together, that is trained already and large. Another one learns from what it says. The paper calls it cumbersome.`, section: 1 },
  [key`student`]: { means: key`A small network that learns from a teacher's answers. The paper calls it the distilled model.`, section: 1 },
  [key`soft targets`]: { means: key`The teacher's answer to an image as shares of all classes, in place of one right class. They add up to 100%.`, section: 1 },
  [key`temperature`]: { means: key`The number T by which all logits are divided before they become shares. The higher, the more alike the shares.`, section: 2 },
  [key`logit`]: { means: key`The score that a network gives a class, before the softmax makes shares of the scores. It can be any number.`, section: 2 },
  [key`entropy`]: { means: key`How undecided shares are. It is 0 when one class has everything, and largest when all classes have the same.` },
  [key`bit`]: { means: key`The unit of entropy here. Undecided between two equal shares is 1 bit, between four is 2 bits.` },
  [key`KL`]: { means: key`Kullback-Leibler divergence: how far the student's shares are from the teacher's. It is 0 when they are the same.` },
  [key`seed`]: { means: key`The number that fixes all chance in training: the first weights, and the order of the images. Other seeds show how much is luck.` },
  [key`baseline`]: { means: key`The same network, trained on labels alone from the same first weights. A student must beat it to have gained anything.` },
  [key`interval`]: { means: key`A range, from the differences between seeds, made so that it holds the true difference in 95 of 100 such experiments. If 0 lies inside, it could be luck.` },
  [key`dustbin`]: { means: key`A specialist's extra class for all classes that it does not tell apart.`, section: 5 },
};
