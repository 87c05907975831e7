// Recommendations to decide on, decisions with their lifecycle, and findings.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import * as say from './format.js';
import * as api from './api.js';

const FINAL = new Set(['KEPT', 'REJECTED', 'EXPIRED', 'SUPERSEDED', 'ROLLED_BACK', 'FAILED']);
const BAD = new Set(['FAILED', 'ROLLED_BACK', 'UNKNOWN']);
const MAX_DECISIONS = 20;
const MAX_FINDINGS = 8;

export function Recommendations({ list, choose, decide }) {
  const [asking, setAsking] = useState(null);
  const answer = (reason) => { decide(asking.verdict, asking.decision, reason); setAsking(null); };
  return html`
    <section class="card" aria-labelledby="recommendations-title">
      <div class="title"><h2 id="recommendations-title">Recommendations</h2><span class="note">${list.length || ''}</span></div>
      ${list.length === 0 && html`<p class="empty">Nothing to change: every vm has the size and the place it needs.</p>`}
      <ol class="recommendations" id="recommendations">
        ${list.map((decision) => html`
          <${Recommendation} key=${decision.id} decision=${decision} choose=${choose} ask=${(verdict) => setAsking({ verdict, decision })} />`)}
      </ol>
      ${asking && html`<${Confirm} ...${asking} answer=${answer} cancel=${() => setAsking(null)} />`}
    </section>`;
}

function Recommendation({ decision, choose, ask }) {
  const name = `${say.change(decision)} for ${decision.vmName}`;
  return html`
    <li>
      <div class="head">
        <h3>${say.change(decision)}</h3>
        <span class="confidence" title="Confidence">${say.percent(decision.confidence * 100)} sure</span>
      </div>
      <p class="where">
        <button class="link" onClick=${() => choose({ id: decision.vmId, name: decision.vmName })}>${decision.vmName}</button> on ${decision.hostName}
      </p>
      <p>${decision.summary}</p>
      <dl class="worth">
        <div><dt>Benefit</dt><dd>${decision.benefit || say.MISSING}</dd></div>
        <div><dt>Cost</dt><dd>${decision.cost || say.MISSING}</dd></div>
      </dl>
      <details>
        <summary>Why</summary>
        <ul>${decision.reasons.map((reason) => html`<li key=${reason.code}>${reason.text}</li>`)}</ul>
        <${Explanation} id=${decision.id} />
        <p class="note">Model ${decision.model || say.MISSING}, tick ${decision.tick}, inputs <code>${decision.inputsHash.slice(0, 12)}</code></p>
      </details>
      <div class="buttons">
        <button class="primary" aria-label=${`Approve ${name}`} onClick=${() => ask('approve')}>Approve</button>
        <button aria-label=${`Reject ${name}`} onClick=${() => ask('reject')}>Reject</button>
      </div>
    </li>`;
}

// Asked for when somebody wants it: it does not change.
function Explanation({ id }) {
  const [known, setKnown] = useState(null);
  const load = (event) => {
    if (event.currentTarget.open && !known) {
      api.explanation(id).then(setKnown, (error) => setKnown({ problem: error.message }));
    }
  };
  const rows = (list, name) => (list || []).map((row, i) => html`<li key=${i}>${row[name]}: ${row.text}</li>`);
  return html`
    <details onToggle=${load}>
      <summary>What decided, what lost, what would flip it</summary>
      ${known && known.problem && html`<p class="note">${known.problem}</p>`}
      ${known && !known.problem && html`
        <p class="note">What decided</p><ul>${rows(known.factors, 'name')}</ul>
        <p class="note">What lost</p><ul>${rows(known.alternatives, 'what')}</ul>
        <p class="note">What would flip it</p><ul>${rows(known.flips, 'input')}</ul>`}
    </details>`;
}

function Confirm({ verdict, decision, answer, cancel }) {
  const dialog = useRef(null);
  const [reason, setReason] = useState('');
  useEffect(() => { dialog.current.showModal(); }, []);
  const submit = (event) => { event.preventDefault(); answer(reason); };
  return html`
    <dialog ref=${dialog} onCancel=${cancel} aria-labelledby="confirm-title">
      <form onSubmit=${submit}>
        <h2 id="confirm-title">${verdict === 'approve' ? 'Approve' : 'Reject'}: ${say.change(decision)}</h2>
        <p>${verdict === 'approve'
          ? html`${decision.vmName} on ${decision.hostName} is changed at once by its agent, after it has checked that the vm is as expected.`
          : html`Nothing is done to ${decision.vmName}. The rejection stays in the audit log.`}</p>
        <label for="reason">Why (kept in the audit log; may stay empty)</label>
        <input id="reason" maxlength="1000" value=${reason} onInput=${(event) => setReason(event.target.value)} />
        <div class="buttons">
          <button class="primary" type="submit" id="confirm">${verdict === 'approve' ? 'Approve' : 'Reject'}</button>
          <button type="button" onClick=${cancel}>Cancel</button>
        </div>
      </form>
    </dialog>`;
}

export function Decisions({ list, choose }) {
  const decided = list.filter((decision) => decision.state !== 'PROPOSED');
  return html`
    <section class="card" aria-labelledby="decisions-title">
      <div class="title"><h2 id="decisions-title">Decisions</h2><span class="note">${decided.length || ''}</span></div>
      ${decided.length === 0 && html`<p class="empty">No decision yet.</p>`}
      <ol class="decisions" id="decisions">
        ${decided.slice(0, MAX_DECISIONS).map((decision) => html`
          <li key=${decision.id}>
            <div class="head">
              <span><button class="link" onClick=${() => choose({ id: decision.vmId, name: decision.vmName })}>${decision.vmName}</button> ${say.change(decision)}</span>
              <span class=${`pill ${tone(decision.state)}`}>${say.words(decision.state)}</span>
            </div>
            <details>
              <summary>${last(decision)}</summary>
              <ol class="steps">${decision.transitions.map((step, i) => html`
                <li key=${i}><time datetime=${new Date(say.number(step.atMs)).toISOString()}>${say.time(step.atMs)}</time>
                  <span><strong>${say.words(step.state)}</strong> by ${step.who}${step.text && html` — ${step.text}`}</span></li>`)}
              </ol>
              ${decision.outcome && html`<p class="note">Outcome: ${decision.outcome}</p>`}
              <${Explanation} id=${decision.id} />
            </details>
          </li>`)}
      </ol>
      ${decided.length > MAX_DECISIONS && html`<p class="note">The newest ${MAX_DECISIONS}; all: <code>novacron decisions</code></p>`}
    </section>`;
}

function last(decision) {
  const step = decision.transitions.at(-1);
  return step ? `${say.dateTime(step.atMs)}, ${step.who}` : `tick ${decision.tick}`;
}

function tone(state) {
  if (BAD.has(state)) return 'bad';
  if (state === 'KEPT') return 'ok';
  return FINAL.has(state) ? '' : 'busy';
}

export function Findings({ list, choose }) {
  return html`
    <section class="card" aria-labelledby="findings-title">
      <div class="title"><h2 id="findings-title">Findings</h2><span class="note">${list.length || ''}</span></div>
      ${list.length === 0 && html`<p class="empty">Nothing unusual at the last tick.</p>`}
      <ul class="findings">
        ${list.slice(0, MAX_FINDINGS).map((finding) => html`
          <li key=${`${finding.entity} ${finding.kind} ${finding.metric}`}>
            <span class=${`pill ${finding.kind === 'waste' ? '' : 'warn'}`}>${finding.kind}</span>
            <span><button class="link" onClick=${() => choose({ id: finding.entity, name: finding.name })}>${finding.name}</button> ${finding.text}</span>
          </li>`)}
      </ul>
      ${list.length > MAX_FINDINGS && html`<p class="note">The first ${MAX_FINDINGS}; all: <code>novacron findings</code></p>`}
    </section>`;
}
