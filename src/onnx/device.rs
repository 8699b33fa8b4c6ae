//! Where a model runs: the execution providers of the loaded library.

use std::fmt::Write as _;

use ort::ep::{self, ExecutionProvider as _, ExecutionProviderDispatch};

use super::Runtime;

/// An execution provider of ONNX Runtime. Which ones there are depends on the library that is
/// loaded: that of the `onnxruntime` wheel has the CPU's only, `onnxruntime-gpu` CUDA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// The processor: the reference, and what every threshold was measured with.
    #[default]
    Cpu,
    /// NVIDIA GPUs.
    Cuda,
    /// Apple's accelerators.
    CoreMl,
    /// GPUs on Windows.
    DirectMl,
    /// Intel's processors, GPUs and NPUs.
    OpenVino,
}

/// The library has not got the provider that was asked for. Exit code 4.
#[derive(Debug, thiserror::Error)]
#[error(
    "the ONNX Runtime library `{library}` cannot run on `{asked}`; it has {has}; choose one of \
     these with --device, or load another library with --onnxruntime"
)]
pub struct DeviceError {
    /// As on the command line.
    pub asked: &'static str,
    /// Where the library was loaded from.
    pub library: String,
    /// What it can run on, with commas between.
    pub has: String,
}

impl Device {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::Cpu, Self::Cuda, Self::CoreMl, Self::DirectMl, Self::OpenVino];

    /// As on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::CoreMl => "coreml",
            Self::DirectMl => "directml",
            Self::OpenVino => "openvino",
        }
    }

    /// Whether the library was built with it. It can still fail to start, for want of a driver.
    fn is_in_library(self) -> bool {
        let found = match self {
            Self::Cpu => ep::CPU::is_available(),
            Self::Cuda => ep::CUDA::is_available(),
            Self::CoreMl => ep::CoreML::is_available(),
            Self::DirectMl => ep::DirectML::is_available(),
            Self::OpenVino => ep::OpenVINO::is_available(),
        };
        found.unwrap_or(false)
    }

    /// What the loaded library can run on.
    #[must_use]
    pub fn available(_loaded: &Runtime) -> Vec<Self> {
        Self::ALL.into_iter().filter(|device| device.is_in_library()).collect()
    }

    /// Refuses a device that the loaded library has not got: the runtime would go on with the CPU
    /// and say nothing.
    ///
    /// # Errors
    /// [`DeviceError`] lists those it has.
    pub fn check(self, loaded: &Runtime) -> Result<(), DeviceError> {
        if self.is_in_library() {
            return Ok(());
        }
        let has = Self::available(loaded).iter().fold(String::new(), |mut has, device| {
            let comma = if has.is_empty() { "" } else { ", " };
            let _ = write!(has, "{comma}{}", device.name());
            has
        });
        Err(DeviceError { asked: self.name(), library: loaded.path.display().to_string(), has })
    }

    /// For a session; none for the CPU, which every session falls back to.
    pub(super) fn provider(self) -> Option<ExecutionProviderDispatch> {
        let provider = match self {
            Self::Cpu => return None,
            Self::Cuda => ep::CUDA::default().build(),
            Self::CoreMl => ep::CoreML::default().build(),
            Self::DirectMl => ep::DirectML::default().build(),
            Self::OpenVino => ep::OpenVINO::default().build(),
        };
        Some(provider.error_on_failure())
    }
}
