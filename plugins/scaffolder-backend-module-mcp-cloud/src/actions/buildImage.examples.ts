import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Build the workspace',
    example: stringify({
      steps: [
        {
          id: 'build',
          action: 'mcp-cloud:image:build',
          name: 'Build the image',
          input: { name: 'team-a/my-tools' },
        },
      ],
    }),
  },
  {
    description:
      'Build a directory with a tag, arguments and labels of its own',
    example: stringify({
      steps: [
        {
          id: 'build',
          action: 'mcp-cloud:image:build',
          name: 'Build the image',
          input: {
            path: 'server',
            containerfile: 'build/Containerfile',
            name: 'team-a/my-tools',
            tag: '1.4.0',
            buildArgs: { NODE_ENV: 'production' },
            labels: { 'org.opencontainers.image.vendor': 'Team A' },
            timeoutMinutes: 30,
          },
        },
      ],
    }),
  },
];
