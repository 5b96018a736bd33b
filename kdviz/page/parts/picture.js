// An example as a picture, or by its name where there is none.

import { useLayoutEffect, useRef } from "preact/hooks";
import { html } from "./html.js";
import { t } from "../words/t.js";

export function Thumbnail({ testset, index }) {
  const name = testset.classes[testset.subject(index)];
  if (!testset.image(index)) return name;
  return html`<span><${Picture} testset=${testset} index=${index} />
    <span class="kd-hidden">${t`${name}, test image ${index}`}</span></span>`;
}

// Ink by opacity, so that a dark page only inverts it.
export function Picture({ testset, index }) {
  const node = useRef(null);
  const pixels = testset.image(index);
  useLayoutEffect(() => {
    if (!pixels) return;
    const image = new ImageData(testset.across, testset.height);
    pixels.forEach((value, at) => {
      image.data[4 * at + 3] = value;
    });
    node.current.getContext("2d").putImageData(image, 0, 0);
  }, [testset, index]);
  if (!pixels) return testset.classes[testset.subject(index)];
  return html`<canvas ref=${node} class="kd-picture" width=${testset.across}
    height=${testset.height} aria-hidden="true" />`;
}
