//! One file per schema change: expand, deploy, contract.
