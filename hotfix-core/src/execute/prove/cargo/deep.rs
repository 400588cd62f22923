//! Smaller is safer: which parts of the fix does no test notice when they are taken back?

use crate::domain::{Profile, Proof, TestState};
use crate::execute::prove::Result;
use crate::port::ScratchFolder;
use crate::proof;
use crate::workflow::action::proof::DEEP;

use super::CargoProver;
use super::side::Build;

impl CargoProver<'_> {
    /// Takes back each part of the fix alone, where that was asked for, and names those that no proving test notices.
    pub(super) fn deepened(&self, scratch: &ScratchFolder, mut proof: Proof, profile: Profile) -> Result<Proof> {
        if !proof.verdict.is_proof() || self.request.hunks.is_empty() {
            return Ok(proof);
        }
        let proving: Vec<String> =
            proof.tests.iter().filter(|test| test.verdict.is_proof()).map(|test| test.id.clone()).collect();
        let side = self.base(scratch, profile);
        for (number, (hunk, tree)) in self.request.hunks.iter().enumerate() {
            self.scene.say(&format!("take back {hunk} ({} of {})", number + 1, self.request.hunks.len()));
            self.lay_out(scratch, tree)?;
            let mut is_noticed = false;
            for (package, targets) in proof::groups(&self.request.part, &self.request.named, self.workspace) {
                let Build::Programs(programs) = side.build(package, &targets)? else {
                    // What cannot be built without this part needs it.
                    is_noticed = true;
                    break;
                };
                for program in &programs {
                    for test in &program.binary.tests {
                        if proving.contains(&program.binary.test_id(test)) && !is_noticed {
                            let end = side.run(program, test, self.request.timeout)?;
                            is_noticed |= end.state != TestState::Pass;
                        }
                    }
                }
            }
            if !is_noticed {
                proof.unproven.push(hunk.clone());
            }
        }
        proof.remarks.push(DEEP.to_owned());
        Ok(proof)
    }
}
