// Records as the trace has them, made by hand: what a test leaves out is as it usually is.

let nodes = 1;

export function restart() {
  nodes = 1;
}

/** One iteration: `tried` maps tactics to their subgoals, or to what failed. */
export function iteration(number, path, { reason = 'expanded', tried = {}, left = [], agent = number % 2, ...rest } = {}) {
  const attempts = Object.entries(tried).map(([tactic, result]) => ({
    tactic,
    outcome: Array.isArray(result) ? 'success' : 'failure',
    child_mvar_ids: Array.isArray(result) ? result : [],
    child_sigs_strict: Array.isArray(result) ? result.map((name) => name.replace(/#.*/, '')) : undefined,
    detail: Array.isArray(result) ? undefined : result,
    timestamp_ms: 0,
    peg_id: null,
    peg_kind: null,
    block_reason: null,
    provider_id: 'test',
  }));
  for (const attempt of attempts) nodes += new Set(attempt.child_sigs_strict ?? []).size;
  const record = {
    event: 'iteration',
    iteration: number,
    reason,
    agent_id: agent,
    selected_path: path,
    node: { mvar_id: path.at(-1), goal_type: `goal ${path.at(-1)}`, goal_sig_strict: path.at(-1), depth: path.length - 1, is_terminal: false, is_dead: false, visit_count: 1, success_count: 0 },
    tactics: [...Object.keys(tried), ...left].map((tactic) => ({ tactic, score: 1 })),
    attempts,
    expanded: attempts.length ? reason === 'expanded' : null,
    tree: { nodes, expansions: 0, max_depth: 0, solved: false, aborted: false, inflight: 1 },
    ...rest,
  };
  return `${JSON.stringify(record)}\n`;
}
