// Builds the agent for every architecture, unless it is kept, and prints the one for this machine. See README.md.
import { join } from 'node:path';
import { architecture, ensureAgent } from '../lib/agent.ts';

const { dir } = await ensureAgent();
process.stdout.write(`${join(dir, `mcp-agent-${architecture()}`)}\n`);
