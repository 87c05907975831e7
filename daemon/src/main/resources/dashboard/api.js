// The REST interface. Every call ends in an answer or in an Error that says what the daemon said.

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, { headers: { Accept: 'application/json' }, ...options });
  } catch {
    throw new Error('The daemon does not answer. Maybe it is not running: ./novacron up');
  }
  if (response.status === 401) {
    location.assign('/login');
    throw new Error('Please sign in.');
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.message || `The daemon answered ${response.status}.`);
  return body;
}

const get = (path) => call(path);
const post = (path, body) => call(path, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
  body: JSON.stringify(body),
});

export const status = () => get('/api/v1/status');
export const hosts = () => get('/api/v1/hosts').then((answer) => answer.hosts);
export const vms = () => get('/api/v1/vms').then((answer) => answer.vms);
export const findings = () => get('/api/v1/findings?limit=50').then((answer) => answer.findings);
export const recommendations = () =>
  get('/api/v1/recommendations?limit=50').then((answer) => answer.decisions);
export const decisions = () => get('/api/v1/decisions?limit=100').then((answer) => answer.decisions);
export const explanation = (id) => get(`/api/v1/decisions/${id}/explanation`);
export const session = () => get('/session');

const entityPath = (entity) => `/api/v1/entities/${encodeURIComponent(entity)}`;
export const series = (entity, metric, stepSeconds, steps) =>
  get(`${entityPath(entity)}/series/${metric}?step_seconds=${stepSeconds}&steps=${steps}`);
export const forecast = (entity, metric) => get(`${entityPath(entity)}/forecasts/${metric}`);

export const approve = (id, reason) => post(`/api/v1/decisions/${id}:approve`, { who: 'dashboard', reason });
export const reject = (id, reason) => post(`/api/v1/decisions/${id}:reject`, { who: 'dashboard', reason });

// Calls back on every tick and decision, and when the connection comes or goes.
export function listen({ onTick, onDecision, onLive }) {
  const events = new EventSource('/api/v1/events');
  events.addEventListener('open', () => onLive(true));
  events.addEventListener('error', () => onLive(false));
  events.addEventListener('tick', (event) => onTick(JSON.parse(event.data)));
  events.addEventListener('decision', (event) => onDecision(JSON.parse(event.data)));
  return () => events.close();
}
