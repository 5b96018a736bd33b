// What teacher, students and baselines make of one image, as bars and in a sentence.

import { useEffect, useRef, useState } from "preact/hooks";
import { argmax, logSoftmax } from "../../page/maths/softmax.js";
import { Chart, YAxis, linear } from "../../page/parts/chart.js";
import { percent, temperature } from "../../page/parts/format.js";
import { Sentence, html } from "../../page/parts/html.js";
import { key, t } from "../../page/words/t.js";

const [HEIGHT, TOP, LEFT] = [150, 18, 52];
// Who says what: to read, and to hear.
const SAYS = {
  teacher: [key`The teacher says {} ({})`, key`The teacher says {}, {}`],
  students: [key`students {} ({})`, key`students {}, {}`],
  baselines: [key`hard labels {} ({})`, key`hard labels {}, {}`],
};

// Every member's logits for an image, from the run that a session keeps; null as long as there are
// none. Only the latest is asked for: what comes while an answer is under way waits, and a later
// one takes its place. stage: differs when the members have learned more.
export function useMembers(session, image, stage) {
  const [logits, tell] = useState(null);
  const queue = useRef({ busy: false, next: null });

  async function ask(question) {
    const line = queue.current;
    line.next = question;
    if (line.busy) return;
    line.busy = true;
    while (line.next) {
      const { of, about } = line.next;
      line.next = null;
      // A run that is closed meanwhile answers nothing: another one has begun.
      const found = about && (await of.run()?.logits(about).catch(() => null));
      tell(found ?? null);
    }
    line.busy = false;
  }
  useEffect(() => {
    ask({ of: session, about: session && image });
  }, [session, image, stage]);
  return image && session ? logits : null;
}

// Mean soft targets at T of the first half of the members and of the others; null for none.
export function meanShares(logits, T) {
  const half = logits.length / 2;
  return [logits.slice(0, half), logits.slice(half)].map((group) => {
    const alive = group.filter((each) => each.every(Number.isFinite))
      .map((each) => softTargets(each, T));
    const mean = (c) => alive.reduce((sum, shares) => sum + shares[c], 0) / alive.length;
    return alive.length ? alive[0].map((_, c) => mean(c)) : null;
  });
}

export const softTargets = (logits, T) => logSoftmax(logits, T).map(Math.exp);

// teacher, students, baselines: shares of each class, or null.
export function Answers({ classes, T, teacher, students, baselines, children }) {
  const said = Object.entries({ teacher, students, baselines })
    .filter(([, shares]) => shares)
    .map(([who, shares]) => {
      const best = argmax(shares);
      return { who, name: classes[best], share: percent(shares[best]) };
    });
  const heard = said.map(({ who, name, share }) => t(SAYS[who][1], name, share)).join("; ");

  function draw(width) {
    const step = (width - LEFT) / classes.length;
    const wide = Math.max(2, Math.min(22, step * 0.3));
    const frame = Math.min(64, step * 0.8);
    const y = linear([0, 1], [HEIGHT, TOP]);
    const bar = (kind, shares, c, x, across) => shares && html`<rect class=${kind} x=${x}
      y=${y(shares[c])} width=${across} height=${HEIGHT - y(shares[c])} rx="2" />`;
    return html`<${YAxis} ticks=${[0, 0.5, 1]} scale=${y} label=${(v) => percent(v)} x0=${LEFT}
        x1=${width} />
      ${classes.map((name, c) => {
        const x = LEFT + step * (c + 0.5);
        const top = Math.max(...[teacher, students, baselines].map((shares) => shares?.[c] ?? 0));
        return html`${bar("kd-target", teacher, c, x - frame / 2, frame)}
          ${bar("kd-soft-bar", students, c, x - wide - 1, wide)}
          ${bar("kd-hard-bar", baselines, c, x + 1, wide)}
          ${teacher?.[c] >= 0.095 && step > 32 && html`<text class="kd-soft-label" x=${x}
            y=${y(top) - 5} text-anchor="middle">${percent(teacher[c])}</text>`}
          <text x=${x} y=${HEIGHT + 18} text-anchor="middle">${name}</text>`;
      })}`;
  }
  const parts = said.flatMap(({ who, name, share }, i) => [i ? ", " : "",
    ...t(SAYS[who][0], [name, who === "teacher" ? "teacher" : "plain"], share)]);
  return html`<div class="kd-answers">
    <h2>${t`Soft targets at T = ${temperature(T)}`} <small>${students || baselines
      ? t`Frame: teacher. Left bar: students. Right bar: hard labels.` : t`Of the teacher.`}</small></h2>
    <${Chart} name=${t`Soft targets of a drawing`} height=${HEIGHT + 24} draw=${draw}
      describe=${() => t`Soft targets of your drawing: ${heard || t`none yet`}`} />
    <p class="kd-answered">${said.length > 0 && html`<${Sentence} parts=${[...parts, "."]} />`}</p>
    ${children}
  </div>`;
}
