import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Whole pages are rendered and operated here, on machines that may be busy.
jest.setTimeout(90_000);
configure({ asyncUtilTimeout: 10_000 });

// What jsdom lacks: charts measure their room.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
