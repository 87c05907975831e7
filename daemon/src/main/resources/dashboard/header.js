// The bar at the top: health of every stage; and the fleet in six numbers.
import { html } from './html.js';
import * as say from './format.js';

export function Header({ status, live, theme, setTheme, session }) {
  return html`
    <header>
      <h1 class="brand"><img src="/favicon.svg" alt="" width="26" height="26" />NovaCron</h1>
      <ul class="health" aria-label="Health of the stages">
        ${status.components.map((part) => html`
          <li key=${part.name} class=${part.state} title=${part.reason || part.state}>
            <span class="dot" aria-hidden="true"></span>${part.name}
            <span class=${part.state === 'ok' ? 'hidden' : 'why'}>${part.state === 'ok' ? 'ok' : part.reason || part.state}</span>
          </li>`)}
      </ul>
      <div class="tools">
        <span class=${`live ${live ? 'on' : ''}`} role="status">
          <span class="dot" aria-hidden="true"></span>${live ? 'live' : 'reconnecting'}
        </span>
        <button class="quiet" onClick=${() => setTheme(theme === 'dark' ? 'light' : 'dark')}>
          ${theme === 'dark' ? 'Light' : 'Dark'}
        </button>
        ${session.token && html`<form method="post" action="/logout"><button class="quiet">Sign out</button></form>`}
      </div>
    </header>`;
}

export function Totals({ view }) {
  const { status, hosts } = view;
  const online = hosts.filter((host) => host.state === 'online').length;
  const sampled = hosts.filter((host) => host.cpuUsagePercent !== undefined);
  const cpus = sampled.reduce((sum, host) => sum + host.cpus, 0);
  const used = sampled.reduce((sum, host) => sum + host.cpus * host.cpuUsagePercent, 0);
  const age = (say.number(status.clockMs) - say.number(status.tickMs)) / 1000;
  return html`
    <dl class="totals">
      <${Total} name="Hosts" value=${say.count(status.hosts)} note=${`${online} online`} />
      <${Total} name="Vms" value=${say.count(status.vms)} note=${`${say.count(status.forecasts)} forecasts`} />
      <${Total} name="Fleet CPU" value=${cpus ? say.percent(used / cpus) : say.MISSING} note=${`of ${say.count(cpus)} cores`} />
      <${Total} name="To decide" value=${say.count(view.recommendations.length)} note="open recommendations" />
      <${Total} name="Tick" value=${say.count(status.tick)} note=${`${say.duration(age)} old`} />
      <${Total} name="The daemon takes" value=${say.percent(status.cpuPercentOfCore, 1)} note=${`of a core, ${say.bytes(status.rssBytes)}`} />
    </dl>`;
}

const Total = ({ name, value, note }) => html`
  <div><dt>${name}</dt><dd><strong>${value}</strong> <span>${note}</span></dd></div>`;
