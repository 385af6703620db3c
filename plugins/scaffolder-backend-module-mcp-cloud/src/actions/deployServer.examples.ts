import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Deploy the image of an earlier step',
    example: stringify({
      steps: [
        {
          id: 'deploy',
          action: 'mcp-cloud:server:deploy',
          name: 'Deploy the server',
          input: {
            spec: {
              name: 'my-tools',
              owner: 'group:default/team-a',
              image: '${{ steps.build.output.image }}',
            },
          },
        },
      ],
    }),
  },
  {
    description:
      'Deploy with a secret that the form asked for, on a named cluster, or renew what runs there already',
    example: stringify({
      steps: [
        {
          id: 'deploy',
          action: 'mcp-cloud:server:deploy',
          name: 'Deploy the server',
          input: {
            spec: {
              name: 'my-tools-staging',
              application: 'my-tools',
              environment: 'staging',
              owner: 'group:default/team-a',
              cluster: 'dev',
              image: 'registry.example.com/team-a/my-tools:1.4.0',
              env: { API_URL: 'https://api.example.com' },
              secrets: ['API_KEY'],
            },
            secretValues: { API_KEY: '${{ secrets.apiKey }}' },
            replicas: 2,
            update: true,
            message: 'From the template',
          },
        },
      ],
    }),
  },
];
