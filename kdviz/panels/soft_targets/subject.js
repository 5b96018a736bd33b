// What is looked at: a test image of the page; or, as long as none is chosen, one of a few pictures
// that a person can read, with what another teacher says of them.

import { currentExample, once, readTestset, tellingExamples } from "../../page/state/testset.js";

export const PANEL = "soft_targets";
const picturesOf = once((traits) => readTestset((name) => traits[name]));

// testset and index; the settings that hold which it is and its logits by hand; pictures: whether it
// is one of these; swap(pictures) goes there or back, null where there are none; example: the test
// image in view, or the one that would be.
export function subjectOf(lab) {
  const example = lab.setting("lab", "example");
  const testset = lab.testset.value;
  const index = currentExample(example.value, testset, tellingExamples(testset));
  const [hand, picture, handOfPicture, overlay] = ["dragged", "picture", "dragged_picture", "overlay"]
    .map((name) => lab.setting(PANEL, name));
  const traits = lab.own.value ? null : lab.kernel("pictures");
  const own = { testset, index, example: index, pictures: false, hand, setting: example };
  if (!traits?.labels) return { ...own, swap: null };
  const swap = (pictures) => {
    lab.change("lab", { example: pictures ? -1 : index });
    if (pictures) lab.change(PANEL, { overlay: false });
  };
  if (example.value >= 0 || overlay.value) return { ...own, swap };
  const as = ({ locked, hidden }) => ({ locked, hidden }); // a picture is held as a test image is
  return { testset: picturesOf(traits), index: picture.value, example: index, pictures: true, swap,
    hand: { ...handOfPicture, ...as(hand) }, setting: { ...picture, ...as(example) } };
}

export const sizeOf = ({ across, height }) => `${across}×${height}`;
