import { ResponseError } from '@backstage/errors';
import { problemText, statusOf } from './problems';

describe('problems', () => {
  it('are told in the words of the backend', async () => {
    const body = {
      error: { name: 'ConflictError', message: 'my-tools exists already' },
      response: { statusCode: 409 },
    };
    const response = new Response(JSON.stringify(body), {
      status: 409,
      headers: { 'Content-Type': 'application/json' },
    });
    const error = await ResponseError.fromResponse(
      response as Parameters<typeof ResponseError.fromResponse>[0],
    );
    expect(problemText(error)).toBe('my-tools exists already');
    expect(statusOf(error)).toBe(409);
  });

  it('that are no answers keep their own words', () => {
    expect(
      problemText(
        new Error('fetch failed', { cause: new Error('ECONNREFUSED') }),
      ),
    ).toBe('fetch failed');
    expect(problemText('odd')).toBe('odd');
    expect(statusOf(new Error('x'))).toBeUndefined();
    expect(statusOf(undefined)).toBeUndefined();
  });
});
