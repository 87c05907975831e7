// The page: loads the view, keeps it live, and lets one entity be chosen.
import { render } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import * as api from './api.js';
import * as say from './format.js';
import { Decisions, Findings, Recommendations } from './decisions.js';
import { Entity } from './entity.js';
import { Header, Totals } from './header.js';
import { Hosts, Vms } from './fleet.js';
import { html } from './html.js';

function App() {
  const [view, setView] = useState(null);
  const [live, setLive] = useState(false);
  const [chosen, setChosen] = useState(null);
  const [notice, setNotice] = useState(null);
  const [theme, setTheme] = useTheme();
  const refresh = useRefresh(setView, setNotice);

  useEffect(() => {
    refresh();
    return api.listen({
      onLive: setLive,
      onTick: (status) => {
        setView((old) => old && { ...old, status });
        refresh();
      },
      onDecision: refresh,
    });
  }, []);

  // The busiest vm first, so that the page has something to say before anything is clicked.
  useEffect(() => {
    if (chosen || !view) return;
    const asked = view.recommendations[0];
    const busiest = view.vms.reduce((best, vm) => ((vm.cpuUsagePercent ?? -1) > (best?.cpuUsagePercent ?? -1) ? vm : best), null);
    if (asked) setChosen({ id: asked.vmId, name: asked.vmName });
    else if (busiest) setChosen({ id: busiest.id, name: busiest.name });
  }, [view, chosen]);

  const decide = async (verdict, decision, reason) => {
    try {
      const answer = await (verdict === 'approve' ? api.approve : api.reject)(decision.id, reason);
      setNotice({ text: `Decision ${decision.id} on ${decision.vmName} is ${say.words(answer.state)}.` });
    } catch (failure) {
      setNotice({ text: failure.message, bad: true });
    }
    refresh();
  };

  if (!view) return html`<p class="empty" role="status">${notice?.text ?? 'Loading the fleet …'}</p>`;
  return html`
    <${Header} status=${view.status} live=${live} theme=${theme} setTheme=${setTheme} session=${view.session} />
    <main>
      <${Totals} view=${view} />
      <div class="columns">
        <div class="wide">
          <${Entity} chosen=${chosen} tick=${view.status.tick} theme=${theme} />
          <${Hosts} hosts=${view.hosts} chosen=${chosen} choose=${setChosen} />
          <${Vms} vms=${view.vms} chosen=${chosen} choose=${setChosen} />
        </div>
        <div class="narrow">
          <${Recommendations} list=${view.recommendations} choose=${setChosen} decide=${decide} />
          <${Decisions} list=${view.decisions} choose=${setChosen} />
          <${Findings} list=${view.findings} choose=${setChosen} />
        </div>
      </div>
    </main>
    <${Notice} notice=${notice} close=${() => setNotice(null)} />`;
}

// Loads the whole view. Asked for again while loading, it loads once more afterwards, not at once.
function useRefresh(setView, setNotice) {
  const state = useRef({ busy: false, again: false });
  return useCallback(async () => {
    const { current } = state;
    if (current.busy) { current.again = true; return; }
    current.busy = true;
    try {
      do {
        current.again = false;
        const [status, hosts, vms, recommendations, decisions, findings, session] = await Promise.all([
          api.status(), api.hosts(), api.vms(), api.recommendations(), api.decisions(), api.findings(), api.session(),
        ]);
        setView({ status, hosts, vms, recommendations, decisions, findings, session });
      } while (current.again);
    } catch (failure) {
      setNotice({ text: failure.message, bad: true });
    } finally {
      current.busy = false;
    }
  }, []);
}

function useTheme() {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light'));
  const choose = (next) => {
    document.documentElement.dataset.theme = next;
    localStorage.setItem('novacron.theme', next);
    setTheme(next);
  };
  return [theme, choose];
}

function Notice({ notice, close }) {
  useEffect(() => {
    if (!notice || notice.bad) return undefined;
    const timer = setTimeout(close, 6000);
    return () => clearTimeout(timer);
  }, [notice]);
  return html`
    <div class="notices" role="status" aria-live="polite">
      ${notice && html`
        <div class=${`notice ${notice.bad ? 'bad' : ''}`}>
          <span>${notice.text}</span>
          <button class="quiet" onClick=${close} aria-label="Close this message">Close</button>
        </div>`}
    </div>`;
}

render(html`<${App} />`, document.getElementById('app'));
