// What Start trains: some pairs of a student and its baseline that never see one of the digits.

import { computed } from "@preact/signals";
import { train } from "../../page/engine/cohort.js";
import { costOf } from "../../page/engine/cost.js";
import { wholeSet, withoutClasses } from "../../page/engine/transfer-set.js";
import { makeBackground } from "../../page/state/background.js";
import { key, t } from "../../page/words/t.js";

export const MISSING = 3;
export const PAIRS = 4;
export const T = 8;
const HIDDEN = 64;
const RECIPE = { epochs: 60, lr: 0.01, batchSize: 128, recordEvery: 16 };
const PACE_MS = 40; // a record, so that an eye can follow

export function makeSession(lab) {
  const { data, teacherLogits, test } = lab.transferSet.peek();
  const width = data.inputs.length / data.labels.length;
  // The test examples of the missing class, by their numbers, and their inputs.
  const rows = [...test.labels.keys()].filter((i) => test.labels[i] === MISSING);
  const inputs = Float32Array.from(rows.flatMap((i) => [...test.inputs.subarray(i * width,
    (i + 1) * width)]));
  const { view, tell, start, follow, stop, close } = makeBackground({ title: key`A demonstration`,
    panel: "Start", sayStopped: () => t`Stopped.`, given: { rows, missed: null, logits: null } });

  async function watch() {
    const transferSet = withoutClasses(wholeSet(data.labels), data.labels, MISSING);
    const members = [1, 0].flatMap((softWeight) => Array.from({ length: PAIRS }, (_, seed) =>
      ({ seed, temperature: T, softWeight, transferSet })));
    tell({ missed: null, logits: null });
    const run = train({ data, teacherLogits, members, hidden: [HIDDEN], ...RECIPE });
    for await (const { progress } of follow(run)) {
      const begun = performance.now();
      tell({ progress, missed: await run.logits(inputs) });
      const left = PACE_MS - (performance.now() - begun);
      if (left > 0 && !stillLife()) await new Promise((go) => setTimeout(go, left));
    }
    tell({ logits: await run.logits(test.inputs) });
  }

  // Of the teacher and of a student; a new teacher may cost something else.
  const costs = computed(() => {
    const { sizes, members } = lab.kernel("teacher");
    return [costOf(sizes, members), costOf([width, HIDDEN, data.classes], 1)];
  });
  return { view, costs, watch: () => start(watch), stop, close };
}

const stillLife = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
